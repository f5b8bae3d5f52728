"""What is drawn on pictures, and where."""
