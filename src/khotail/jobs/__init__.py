"""Long work that a person can watch and cancel, and that outlives a killed process."""
