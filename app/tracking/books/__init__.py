"""What was counted, kept through jumps, and checked by somebody."""
