"""`python -m model.cli`, where there is no build_model.py: installed."""

from model.cli import run_as_script

run_as_script()
