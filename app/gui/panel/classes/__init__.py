"""Which classes are shown, and which are hidden from everybody."""
