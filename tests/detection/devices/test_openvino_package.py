"""What app.detection.devices.openvino_package promises."""

import pytest

from tests.python import said_by

pytest.importorskip("openvino", reason="pip install -r requirements-openvino.txt")


def test_its_converter_is_left_out_and_still_there_for_who_wants_it() -> None:
    code = (
        "import sys\n"
        "from app.detection.devices.openvino_package import load_openvino\n"
        "openvino = load_openvino()\n"
        "print({'openvino.tools.ovc', 'absl', 'numpy.ma'} & set(sys.modules))\n"
        "print(openvino.Core().available_devices, load_openvino() is openvino)\n"
        "from openvino.tools.ovc import convert_model\n"
        "print(convert_model.__name__)"
    )
    shown = said_by(code).splitlines()
    assert shown == ["set()", "['CPU'] True", "convert_model"]
