"""What there is to run on, and what is wrong with it."""
