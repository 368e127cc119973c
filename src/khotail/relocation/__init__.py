"""Relocation sites and the households that moved there: do they stay, do they have work, do they get richer."""
