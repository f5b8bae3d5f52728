"""What stands where no picture is: states, advice, keys."""
