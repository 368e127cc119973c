"""Open311 GeoReport v2: issues for other programs, as the standard of that name has it."""
