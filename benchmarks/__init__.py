"""Benchmarks: every figure a ratio from one run, against the same work done another way."""
