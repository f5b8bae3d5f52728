"""The command line of main.py: it builds the parts and wires them."""
