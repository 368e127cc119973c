"""OpenRosa 1.0 (docs.getodk.org/openrosa): the visit forms for ODK Collect and every other client of that standard."""
