"""The picture with its boxes, and the plots under it."""
