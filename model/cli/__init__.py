"""The command line of build_model.py."""
