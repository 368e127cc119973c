"""People who work with the system: what they may do, the region they may see, sign-in, notifications."""
