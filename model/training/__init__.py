"""Learning from labelled photos."""
