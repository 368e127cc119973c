"""Leads and cases: the steps of a procedure, who did them, by when, with what evidence."""
