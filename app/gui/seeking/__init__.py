"""Where in a file one is: the bar under it, and the ways to go elsewhere."""
