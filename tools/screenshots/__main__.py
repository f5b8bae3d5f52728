"""Pictures of the window in every state, for docs/window.md.

    xvfb-run -a -s "-screen 0 2600x1700x24" python -m tools.screenshots

It is the real app: the bundled clip, the test cameras, a real model. What this
machine does not have (a camera, a GPU) is played by a stand-in. Pictures go to
docs/images/states/ as NAME-light.webp and NAME-dark.webp. To look at all of it:

    ... --themes light --sizes 640x480,1280x780,1920x1080 --languages en,de,ja --out DIR
"""

import argparse
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

from app.cli import places

OUT = places.checkout() / "docs" / "images" / "states"


def main() -> int:
    """Take all of them: a process for each theme, scale and language."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.screenshots",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", type=Path, default=places.default_model())
    parser.add_argument("--only", default="", help="states whose name holds this")
    parser.add_argument("--themes", type=_several, default="light,dark")
    parser.add_argument("--scales", type=_several, default="1", help="of the screen")
    parser.add_argument("--sizes", type=_several, default="1200x760", help="of windows")
    parser.add_argument("--languages", type=_several, default="en")
    parser.add_argument("--out", type=Path, default=OUT, help="a folder")
    options = parser.parse_args()
    options.out = options.out.absolute()
    alone = list(product(options.themes, options.scales, options.languages))
    if len(alone) == 1 and os.environ.get("QT_SCALE_FACTOR") == options.scales[0]:
        from tools.screenshots.states import STATES
        from tools.screenshots.studio import Studio

        return Studio(options).take(s for s in STATES if options.only in s.__name__)
    failed = 0
    for theme, scale, language in alone:
        one = (f"--themes={theme}", f"--scales={scale}", f"--languages={language}")
        command = [sys.executable, "-m", "tools.screenshots", *sys.argv[1:], *one]
        environment = os.environ | {"QT_SCALE_FACTOR": scale}
        failed |= subprocess.run(command, env=environment, check=False).returncode
    return failed


def _several(text: str) -> list[str]:
    return text.split(",")


if __name__ == "__main__":
    sys.exit(main())
