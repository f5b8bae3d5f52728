"""The app: watch a camera or a file through a MobileNet-SSD, and record it.

What it can be told, and who is who, is in `app.cli`.
"""

from app.cli import main, run_as_script

__all__ = ["main"]

if __name__ == "__main__":
    run_as_script()
