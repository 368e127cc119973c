"""Pairings between places, fixed-point units, social helpers with their pledges, published needs, sales."""
