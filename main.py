"""The app: watch a camera or a file through a MobileNet-SSD, and record it.

What it can be told, and who is who, is in `app.cli`.
"""

import sys

from app.cli import main
from app.cli.console import print_any_name

__all__ = ["main"]

if __name__ == "__main__":
    print_any_name()
    sys.exit(main())
