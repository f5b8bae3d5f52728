"""Asks OpenCV 4 what Caffe's network answers, for test_caffemodel.py.

OpenCV 5 reads no Caffe files any more, so this runs in an environment of its own:

    python -m venv /tmp/cv4
    /tmp/cv4/bin/pip install 'opencv-python-headless<5' protobuf
    PYTHONPATH=. /tmp/cv4/bin/python tools/caffe_goldens.py PROTOTXT_FOLDER

PROTOTXT_FOLDER holds chuanqi305's deploy.prototxt (train form) and
MobileNetSSD_deploy.prototxt (folded form). The weights are made up by
tests/model/caffe_files.py; the answers go to tests/model/weights/goldens/.
"""

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from tests.model.caffe_files import make_picture, write_caffemodel

PROTOTXTS = {"train": "deploy.prototxt", "deploy": "MobileNetSSD_deploy.prototxt"}
# Our graph clips boxes to the picture before NMS; Caffe does when it is told to.
CLIPPED = ("detection_output_param {", "detection_output_param {\n    clip: true")
GOLDENS = Path("tests/model/weights/goldens")
# Every 5th number of the raw outputs: 5 shares no factor with 4 codes or 21 classes,
# so each of them comes by, at a fifth of the size.
STEP = 5


def main() -> None:
    """Write one file of answers per form."""
    folder = Path(sys.argv[1])
    GOLDENS.mkdir(exist_ok=True)
    blob = cv2.dnn.blobFromImage(make_picture(), 0.007843, (300, 300), (127.5,) * 3)
    for form, prototxt in PROTOTXTS.items():
        with tempfile.TemporaryDirectory() as temporary:
            weights = write_caffemodel(
                Path(temporary) / "made_up.caffemodel", form=form
            )
            network = Path(temporary) / "net.prototxt"
            network.write_text((folder / prototxt).read_text().replace(*CLIPPED))
            net = cv2.dnn.readNetFromCaffe(str(network), str(weights))
        net.setInput(blob)
        loc, conf, found = net.forward(["mbox_loc", "mbox_conf", "detection_out"])
        np.savez_compressed(
            GOLDENS / f"opencv4_{form}.npz",
            loc=loc.ravel()[::STEP],
            logits=conf.ravel()[::STEP],
            # Rows of zeros fill up to keep_top_k.
            detections=found[found[..., 2] > 0][:, 1:],
        )
        sys.stdout.write(f"{form}: {len(found.reshape(-1, 7))} detections\n")


if __name__ == "__main__":
    main()
