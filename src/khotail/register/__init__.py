"""Regions, households, persons, documents, and every statement about them: what was known when, from whom."""
