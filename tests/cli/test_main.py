"""What the command line promises: the file asked for, or one clear sentence."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

import main
from app.cli import places, watch
from app.settings import Settings
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.media.clips import write_video
from tests.python import said_by


def test_a_clip_becomes_a_playable_annotated_file(
    make_model: MakeModel, clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    arguments = ["--source", str(clip), "--model", str(make_model())]
    code = main.main([*arguments, "--record", str(out), "--headless"])
    assert code == 0
    with av.open(out) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height) == (640, 272)
        times = [frame.time for frame in container.decode(stream)]
        assert container.duration is not None
        # 250 frames at 25 fps: every one, once, when it was, and ten seconds.
        assert times == pytest.approx([i / 25 for i in range(250)], abs=1e-3)
        assert container.duration / av.time_base == pytest.approx(10.0, abs=0.02)
        assert stream.average_rate == Fraction(25)


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--source", "none.mp4", "none.mp4"),
        ("--source", "text.mp4", "text.mp4"),
        ("--source", "folder", "folder"),
        ("--source", "99", "Camera 99"),
        ("--model", "none.onnx", "There is no model file"),
        ("--model", "text.mp4", "cannot be loaded as an ONNX model"),
        ("--model", "folder", "is a folder, not a model"),
        ("--model", "other.onnx", "no detector of a kind that is known"),
        ("--record", "there.mp4", "there.mp4"),
        ("--record", "none/out.mp4", "none"),
        ("--device", "cuda", "NVIDIA GPU (CUDA) cannot be had"),
    ],
)
def test_a_wrong_input_is_one_sentence_and_exit_code_2(
    make_model: MakeModel,
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    option: str,
    value: str,
    sentence: str,
) -> None:
    monkeypatch.setattr("app.detection.devices.machine._driver_cuda", lambda: None)
    monkeypatch.chdir(tmp_path)
    Path("text.mp4").write_text("this is not a video")
    Path("folder").mkdir()
    Path("there.mp4").write_text("do not overwrite me")
    make_model("other.onnx", format=None)
    arguments = {"--source": str(clip), "--model": str(make_model())} | {option: value}
    flat = [part for pair in arguments.items() for part in pair]
    assert main.main([*flat, "--headless"]) == 2
    printed = capfd.readouterr()
    errors = [line for line in printed.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert sentence in errors[0]
    assert "Traceback" not in printed.err
    assert Path("there.mp4").read_text() == "do not overwrite me"


@pytest.mark.parametrize(
    "arguments", [["--score-threshold", "2"], ["--device", "tpu"], ["--no-such"]]
)
def test_a_wrong_option_is_exit_code_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main.main(arguments)
    assert caught.value.code == 2


def test_help_teaches_and_loads_no_heavy_library() -> None:
    code = (
        "import sys, main\n"
        "try: main.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print({'cv2', 'av', 'PySide6', 'onnxruntime'} & set(sys.modules))"
    )
    shown = said_by(code)
    assert "--record out.mp4 --headless" in shown
    assert shown.splitlines()[-1] == "set()"


def test_without_a_display_the_clip_becomes_a_file(
    make_model: MakeModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(watch, "has_display", lambda: False)
    monkeypatch.setattr(places, "headless_recordings", lambda: tmp_path / "recordings")
    assert main.main(["--model", str(make_model())]) == 0
    (written,) = (tmp_path / "recordings").iterdir()
    assert written.name.startswith("bikes ")
    printed = capsys.readouterr().out
    assert "no display" in printed
    assert str(written) in printed


def test_without_a_display_a_sidecar_brings_its_own_video(
    make_model: MakeModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    video = write_video(tmp_path / "mine.mp4", [i / 25 for i in range(10)])
    out = tmp_path / "out"
    arguments = ["--out", str(out), "--model", str(make_model())]
    assert main.main(["export", str(video), *arguments]) == 0
    monkeypatch.setattr(watch, "has_display", lambda: False)
    monkeypatch.setattr(places, "headless_recordings", lambda: tmp_path / "recordings")
    assert main.main(["--sidecar", str(out / "mine.jsonl")]) == 0
    (written,) = (tmp_path / "recordings").iterdir()
    assert written.name.startswith("mine ")


def test_a_broken_settings_file_is_set_aside_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, object] = {}

    def run_window(_factories: object, **options: object) -> int:
        told.update(options)
        return 0

    monkeypatch.setattr("app.gui.app.run_window", run_window)
    monkeypatch.setattr(watch, "has_display", lambda: True)
    monkeypatch.setattr(
        "platformdirs.user_config_path", lambda name: tmp_path / str(name)
    )
    folder = tmp_path / "mobilenet-ssd-live"
    folder.mkdir()
    (folder / "settings.json").write_text("{broken")
    assert main.main([]) == 0
    settings = told["settings"]
    assert isinstance(settings, Settings)
    # The bundled model says what to begin with.
    assert replace(settings, score_threshold=0.5) == Settings()
    assert "cannot be read" in str(told["notice"])
    assert [p.name for p in folder.iterdir()] == ["settings.broken.json"]


def test_strictly_the_named_device_or_nothing(
    make_model: MakeModel, clip: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--source", str(clip), "--model", str(make_model()), "--headless"]
    assert main.main([*arguments, "--strict", "--device", "cpu"]) == 0
    assert "tiny.onnx runs on CPU" in capfd.readouterr().out
    assert main.main([*arguments, "--strict", "--device", "auto"]) == 2
    assert "Name a device, for example: --device cuda" in capfd.readouterr().err
