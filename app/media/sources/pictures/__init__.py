"""From what a decoder gives to what people see: upright, square, in SDR."""
