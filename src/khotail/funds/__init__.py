"""Linkage funds in double entry, projects with milestones and payments, what they leave behind, relocation sites."""
