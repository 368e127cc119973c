"""Policies in transition, who is responsible, and whether any of the four not-removes gives way."""
