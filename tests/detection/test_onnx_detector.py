"""What app.detection.onnx_detector promises."""

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

from app.detection.devices.choices import available_devices
from app.detection.engines.ort_engine import OrtEngine
from app.detection.model_file import own_threshold
from app.detection.onnx_detector import OnnxDetector
from app.detection.onnx_metadata import read_metadata
from app.errors import ModelError
from app.settings import Settings
from app.thresholds import Thresholds
from tests.detection.conftest import MakeModel
from tests.detection.fake_machine import FakeMachine


def test_a_picture_of_any_size_gives_detections_in_its_pixels(
    make_model: MakeModel,
) -> None:
    """The tiny model: scores are the channels' means, the box .1 .2 .6 .9."""
    detector = OnnxDetector(make_model(), device="cpu")
    info = detector.open()
    assert info.class_names == ("blue", "green", "red")
    assert info.input_size_wh == (8, 6)
    assert (info.provider, info.device, info.note) == (
        "CPUExecutionProvider",
        "CPU",
        "",
    )

    image_bgr = np.zeros((50, 200, 3), np.uint8)
    image_bgr[..., 0], image_bgr[..., 1], image_bgr[..., 2] = 51, 204, 153
    detections, times = detector.detect(image_bgr, Settings(score_threshold=0.5))
    assert detections.class_ids.tolist() == [1, 2]  # green .8, red .6; blue is .2
    assert detections.scores.tolist() == pytest.approx([0.8, 0.6], abs=1e-6)
    # .1 * 200, .2 * 50, .6 * 200, .9 * 50
    assert detections.boxes_xyxy[0].tolist() == pytest.approx([20, 10, 120, 45])
    assert min(times.preprocess_ms, times.inference_ms, times.postprocess_ms) > 0
    detector.close()
    detector.close()


def test_several_pictures_at_a_time_are_answered_as_one_by_one(
    make_model: MakeModel,
) -> None:
    alone = OnnxDetector(make_model(), device="cpu")
    several = OnnxDetector(make_model(), device="cpu", threads=2)
    several.favour_throughput()
    alone.open()
    several.open()
    assert (alone.depth, several.depth) == (1, 2 + 4)
    sizes = [(10, 20), (30, 12), (7, 9)]
    images = [np.full((*s, 3), 60 * i + 80, np.uint8) for i, s in enumerate(sizes)]
    settings = Settings(score_threshold=0.3)
    begun = [several.begin(image, settings) for image in images]
    for image, answer in zip(images, begun, strict=True):
        found, expected = answer()[0], alone.detect(image, settings)[0]
        assert len(found)
        assert np.array_equal(found.boxes_xyxy, expected.boxes_xyxy)
        assert np.array_equal(found.scores, expected.scores)
    several.close()
    several.close()
    alone.close()


def test_settings_are_read_for_each_picture(make_model: MakeModel) -> None:
    detector = OnnxDetector(make_model(), device="cpu")
    detector.open()
    gray = np.full((10, 20, 3), 102, np.uint8)  # every class scores .4
    assert len(detector.detect(gray, Settings(score_threshold=0.5))[0]) == 0
    assert len(detector.detect(gray, Settings(score_threshold=0.3))[0]) == 3
    limited = Settings(score_threshold=0.3, max_detections=2)
    assert len(detector.detect(gray, limited)[0]) == 2


TOLD = '{"best": 0.55, "photos": 7, "rows": [[0.5, 0.6, 0.7], [0.6, 0.8, 0.5]]}'


def test_a_model_may_say_from_which_score_on_its_finds_are_worth_showing(
    make_model: MakeModel,
) -> None:
    silent, telling = make_model("a.onnx"), make_model("b.onnx", thresholds=TOLD)
    detector = OnnxDetector(telling, device="cpu")
    told = detector.open().thresholds
    detector.close()
    assert told == Thresholds(0.55, 7, ((0.5, 0.6, 0.7), (0.6, 0.8, 0.5)))
    # Half-way between two rows, and beyond the last one.
    assert told.expected(0.55) == pytest.approx((0.7, 0.6))
    assert told.expected(0.9) == (0.8, 0.5)
    # Read without loading the model: as it is without its suffix, too.
    assert own_threshold(telling) == own_threshold(telling.with_suffix("")) == 0.55
    assert own_threshold(silent) is None
    assert own_threshold(silent.with_name("none.onnx")) is None
    silent.write_bytes(b"\xff" * 40)
    assert own_threshold(silent) is None


def test_metadata_are_read_as_onnx_reads_them(make_model: MakeModel) -> None:
    path = make_model(made_by="Ünïcode", empty="")
    entries = {p.key: p.value for p in onnx.load(path).metadata_props}
    assert read_metadata(path) == entries
    assert len(entries) > 3


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"format": None}, "is an ONNX file, but no detector of a kind that is known"),
        ({"format": "mobilenet-ssd/9"}, "has format 'mobilenet-ssd/9'"),
        ({"color_order": "RGB"}, "wants 'RGB' pictures"),
        ({"class_names": "[1, 2, 3]"}, "The class names in .* are damaged"),
        ({"class_names": "person"}, "The metadata of .* is damaged"),
        ({"class_names": None}, "The metadata of .* is damaged"),
        (
            {"class_names": '["one", "two"]'},
            r"scores \(1, 1, 3\) for its 2 class names",
        ),
        ({"input_size_wh": "8"}, "The metadata of .* is damaged"),
        *(
            ({"thresholds": text}, "says of score thresholds is damaged")
            for text in (
                "high",
                "[]",
                TOLD.replace("0.55", "55"),
                TOLD.replace("0.7", "NaN"),
                TOLD.replace("[[0.5", "[[0.9"),
                '{"best": 0.5, "photos": 7, "rows": []}',
            )
        ),
        ({"input_size_wh": "0,6"}, "an input size of 0 x 6"),
        ({"input_size_wh": "9,6"}, "does not run"),
    ],
)
def test_a_model_of_another_kind_is_named_and_explained(
    make_model: MakeModel, metadata: dict[str, str | None], sentence: str
) -> None:
    detector = OnnxDetector(make_model(**metadata), device="cpu")
    with pytest.raises(ModelError, match=sentence) as caught:
        detector.open()
    assert caught.value.remedy
    detector.close()


def test_a_model_that_is_not_ours_is_let_go(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session holds the graph and threads; who tries ten files has ten of them."""
    let_go: list[OrtEngine] = []
    close = OrtEngine.close

    def closing(engine: OrtEngine) -> None:
        let_go.append(engine)
        close(engine)

    monkeypatch.setattr(OrtEngine, "close", closing)
    with pytest.raises(ModelError):
        OnnxDetector(make_model(color_order="RGB"), device="cpu").open()
    assert len(let_go) == 1


def test_why_auto_took_no_better_device_is_told_with_the_way_there(
    make_model: MakeModel,
) -> None:
    machine = FakeMachine(driver=None, openvino=[])
    machine.installed = {"onnxruntime-gpu": "1.31.1"}
    detector = OnnxDetector(make_model(), device="auto", machine=machine)
    info = detector.open()
    detector.close()
    choices = {c.device: c for c in available_devices(machine)}
    assert info.provider == "CPUExecutionProvider"
    assert info.note == choices["cuda"].reason
    assert info.remedy == choices["cuda"].remedy != ""


def test_files_that_are_no_models_are_explained(tmp_path: Path) -> None:
    text = tmp_path / "text.onnx"
    text.write_text("this is not a model")
    for path, sentence in (
        (tmp_path / "none.onnx", "There is no model file"),
        (tmp_path, "is a folder, not a model"),
        (text, "text.onnx cannot be loaded as an ONNX model"),
    ):
        with pytest.raises(ModelError, match=sentence):
            OnnxDetector(path, device="cpu").open()


@pytest.mark.parametrize("name", ["yolox_nano", "deimv2_femto_coco"])
@pytest.mark.parametrize("device", ["cpu", "openvino"])
def test_somebody_elses_detector_finds_what_is_there(
    shared_data: Path, name: str, device: str
) -> None:
    model = shared_data / "weights" / f"{name}.onnx"
    photo = cv2.imread(str(shared_data / "voc2007_test_samples" / "004545.jpg"))
    detector = OnnxDetector(model, device=device)
    info = detector.open()
    found, _ = detector.detect(np.asarray(photo, np.uint8), Settings())
    detector.close()
    names = [info.class_names[i] for i in found.class_ids]
    # VOC2007's own labels of this photo.
    for wanted, box in (("horse", [212, 80, 421, 370]), ("dog", [143, 204, 200, 347])):
        at = names.index(wanted)
        assert np.abs(found.boxes_xyxy[at] - box).max() < 8
        assert found.scores[at] > 0.7
