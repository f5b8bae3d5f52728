"""What an NVIDIA GPU makes of a model: all that is to be known of one, in minutes.

usage: python benchmarks/gpu.py MODEL.onnx [...] [--device cuda|tensorrt|cpu]
                                [--photos FOLDER] [--only STEP ...]

Each step is a process of its own and has a minute, so a driver that hangs costs one
step. Needs neither Qt nor FFmpeg. `--device cpu` tries the script itself, without a
GPU; what only a GPU can answer is left out then.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.detection.devices.choices import why_not  # noqa: E402 - found by the line above
from app.detection.devices.machine import Machine  # noqa: E402
from benchmarks.gpu_steps import STEPS, Wanted  # noqa: E402

STEP_S = 60.0
_ANSWER = "answer: "


def main(arguments: list[str] | None = None) -> int:
    """Take the steps, and print what each says; 1 where one failed, 2 without a GPU."""
    options = _parser().parse_args(arguments)
    wanted = Wanted(options.device, tuple(options.models), options.photos)
    if options.step is not None:
        answer = STEPS[options.step](wanted)
        sys.stdout.write(f"{_ANSWER}{json.dumps(answer)}\n")
        sys.stdout.flush()
        return 0
    if problem := why_not(options.device, Machine()):
        sys.stderr.write(f"{problem.reason}. {problem.remedy}\n")
        return 2
    given = [f"--device={options.device}", *map(str, options.models)]
    if options.photos is not None:
        given.append(f"--photos={options.photos}")
    failed = [name for name in options.only if not _take(name, given)]
    if failed:
        sys.stderr.write(f"Failed: {', '.join(failed)}\n")
    return int(bool(failed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--device", choices=("cuda", "tensorrt", "cpu"), default="cuda")
    parser.add_argument("--photos", type=Path, help="of these, 200 are compared")
    parser.add_argument("--only", nargs="+", choices=STEPS, default=list(STEPS))
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    return parser


def _take(name: str, given: list[str]) -> bool:
    """Whether the step ended well; what it says is printed."""
    say = sys.stdout.write
    say(f"== {name}\n")
    hidden = {"CUDA_VISIBLE_DEVICES": ""} if name == "hidden" else {}
    began_s = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, __file__, *given, f"--step={name}"],
            env=os.environ | hidden,
            capture_output=True,
            text=True,
            timeout=STEP_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        say(f"   not done within {STEP_S:.0f} s\n")
        return False
    answers = [line for line in done.stdout.splitlines() if line.startswith(_ANSWER)]
    for key, value in json.loads(answers[0][len(_ANSWER) :]).items() if answers else ():
        say(f"   {key}: {value}\n")
    say(f"   ({time.monotonic() - began_s:.1f} s, exit code {done.returncode})\n")
    if done.returncode:
        say("".join(f"   | {line}\n" for line in done.stderr.splitlines()[-5:]))
    # How it ends is the answer there: the app itself leaves with os._exit.
    return bool(answers) and (done.returncode == 0 or name == "leaving")


if __name__ == "__main__":
    sys.exit(main())
