"""Makes the .onnx file that the app runs, and measures how good it is.

What it can be told, and who is who, is in `model.cli`.
"""

from model.cli import main, run_as_script

__all__ = ["main"]

if __name__ == "__main__":
    run_as_script()
