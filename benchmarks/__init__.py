"""Measurements side by side: `python -m benchmarks` writes docs/performance/."""
