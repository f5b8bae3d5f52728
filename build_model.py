"""Makes the .onnx file that the app runs, and measures how good it is.

What it can be told, and who is who, is in `model.cli`.
"""

import sys

from app.cli.console import print_any_name
from model.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    print_any_name()
    sys.exit(main())
