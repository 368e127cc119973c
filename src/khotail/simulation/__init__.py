"""What would happen if programmes end, taper, convert or begin, or a shock strikes: asked for, computed, compared."""
