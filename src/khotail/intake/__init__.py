"""Files that come in: exports and department lists, their mapping, their matching to the register."""
