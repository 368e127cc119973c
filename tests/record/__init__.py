"""Tests of the record apps and the pages."""
