"""Two detectors side by side, and a detector beside what it found before."""
