"""Measurements side by side: `python -m benchmarks` writes docs/performance/."""

import app as app  # first: it keeps the libraries measured from sending anything
