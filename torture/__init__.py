"""Fuzzing, soaking and killing: `python -m torture` writes docs/torture/."""
