"""Two detectors on the same frames: what both find, and what only one does."""
