"""The network: anchors, boxes, layers, what it costs."""
