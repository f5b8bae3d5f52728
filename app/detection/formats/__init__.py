"""Detectors of other makers: how each takes a picture, and what its answer means."""
