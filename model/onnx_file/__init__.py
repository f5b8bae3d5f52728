"""The .onnx file and its copies."""
