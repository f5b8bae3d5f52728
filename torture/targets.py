"""What is fuzzed: every reader of what somebody else wrote, by the app's own way in."""

import itertools
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import ROOT
from torture import odd
from torture.mutate import mutate, mutate_json

CLIP = ROOT / "assets" / "bikes.mp4"
WEIGHTS = ROOT / "assets" / "weights"
# Pictures that are decoded of a damaged video; then a jump, then a few more.
PICTURES = 12

Mutate = Callable[[bytes, random.Random], bytes]
MakeSeeds = Callable[[Path], Sequence[Path]]


@dataclass(frozen=True, slots=True)
class Target:
    """A reader under attack.

    Attributes:
        name: for the report.
        make_seeds: writes good files into a folder; damaged copies of them are read.
        read: reads one; a `UserError` or `BuildError` is a good answer.
        mutate: the damage.
        weight: its share of all cases.
    """

    name: str
    make_seeds: MakeSeeds
    read: Callable[[Path], object]
    mutate: Mutate = mutate
    weight: float = 1.0


# --- videos and photos -----------------------------------------------------------


def video_seeds(folder: Path) -> list[Path]:
    """A second of numbered pictures in the containers and codecs people have."""
    from tests.media.clips import write_video

    times_s = [i / 25 for i in range(25)]
    made = []
    for name, codec in (
        *(("a.mp4", "libx264"), ("b.mkv", "libx264"), ("c.avi", "mpeg4")),
        *(("d.webm", "libvpx"), ("e.mov", "mjpeg"), ("f.mpg", "mpeg2video")),
        *(("g.ts", "libx264"), ("h.flv", "flv1"), ("i.mp4", "libx265")),
    ):
        pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        try:
            path = write_video(folder / name, times_s, codec=codec, pix_fmt=pix_fmt)
        except Exception:  # noqa: BLE001 - this FFmpeg has no such encoder
            continue
        made.append(path)
    return made


def read_video(path: Path) -> None:
    """As the app plays it: open, play, seek, play, close."""
    from app.media.sources.make import make_source

    source = make_source(str(path))
    try:
        info = source.open()
        for _ in itertools.islice(source.frames(), PICTURES):
            pass
        if hasattr(source, "seek"):
            source.seek((info.duration_s or 1.0) / 2)
            for _ in itertools.islice(source.frames(), 3):
                pass
    finally:
        source.close()


def photo_seeds(folder: Path) -> list[Path]:
    """One picture in each format."""
    import cv2

    from app.media.sources.pictures.photo import SUFFIXES
    from app.media.sources.synthetic import SyntheticInput

    picture = SyntheticInput(size_wh=(96, 64)).picture(7)
    paths = [folder / f"photo{suffix}" for suffix in SUFFIXES]
    return [
        path
        for path in paths
        if cv2.haveImageWriter(str(path)) and cv2.imwrite(str(path), picture)
    ]


def source_seeds(folder: Path) -> list[Path]:
    """What a user may type."""
    texts = (
        *("0", "test", "screen", "~/a.mp4", "file:///a.mp4", "*.jpg", "img%04d.png"),
        *("rtsp://user:secret@host:554/live?x=1", "http://[::1]:80/a", "C:\\a.mp4"),
        *("a.mp4\nb.mp4", "[a-", "**/*", "rtsp://", "http://host:99999999/", "~nobody"),
        *("test:fps=30", "-1", "9" * 400, "a" * 5000, "http://a\x00b/"),
        *("2024-01-01T12:30:05.mp4", " a .mp4 ", "file:///a%20b%2.mp4", "a\u2028b.ts"),
        *("/dev/video9", "CAM: 1@1280x720/30/MJPG", "screen@-1x", "\ufeffa.mp4"),
    )
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"{number}.txt"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def read_source_text(path: Path) -> None:
    """What was typed becomes a source, a title and a file name; nothing is opened."""
    from app.media.sources.make import is_photos, make_source, short_name
    from app.media.sources.public_names import redact

    text = path.read_bytes().decode("utf-8", "replace")
    redact(text)
    name = short_name(text)
    secret = re.search(r"://[^/@]*:(\w{6,})@", text)
    assert not (secret and secret[1] in redact(text)), "a password is shown"
    assert not name or "/" not in name, f"{name!r} is no file's name"
    make_source(text)
    is_photos(text)


# --- models and weights ----------------------------------------------------------


def model_seeds(folder: Path) -> list[Path]:
    """A tiny model that keeps the app's contract."""
    from tests.detection.tiny_model import tiny_model

    return [tiny_model(folder / "tiny.onnx")]


def read_model(path: Path) -> None:
    """The app's detector opens it and looks at a picture."""
    import numpy as np

    from app.detection.onnx_detector import OnnxDetector
    from app.settings import Settings

    detector = OnnxDetector(path, device="cpu")
    try:
        detector.open()
        detector.detect(np.zeros((48, 64, 3), np.uint8), Settings(score_threshold=0))
    finally:
        detector.close()


def read_weights_file(path: Path) -> None:
    """As `build_model.py convert` reads them."""
    from model.weights.read import read_weights

    read_weights(path)


def own_weights_seeds(folder: Path) -> list[Path]:
    """The narrowest of our networks, in both of our formats."""
    from dataclasses import replace

    from model.network.config import caffe_voc
    from model.network.network import build_network
    from model.weights.own import save_own

    config = replace(caffe_voc(), alpha=0.25)
    network = build_network(config, folded=True)
    paths = [folder / "a.keras", folder / "b.weights.h5"]
    for path in paths:
        save_own(network, config, path)
    return paths


def their_weights_seeds(folder: Path) -> list[Path]:
    """Small files in the formats of Caffe, TensorFlow and Keras 2.1.

    They hold too little for a network: what is attacked is the parsing before that.
    """
    import h5py
    import numpy as np

    from model.weights.caffe_schema import NetParameter

    caffe = NetParameter()
    for name in ("conv0", "conv1/dw", "conv1"):
        layer = caffe.layer.add(name=name, type="Convolution")
        blob = layer.blobs.add()
        blob.shape.dim.extend([4, 3, 3, 3])
        blob.data.extend(np.linspace(-1, 1, 108).tolist())
    (folder / "a.caffemodel").write_bytes(caffe.SerializeToString())

    with h5py.File(folder / "b.hdf5", "w") as file:
        file.attrs["keras_version"] = b"2.1.2"
        file.attrs["layer_names"] = [b"conv11"]
        group = file.create_group("conv11")
        group.attrs["weight_names"] = [b"conv11/kernel:0"]
        group.create_dataset("conv11/kernel:0", data=np.zeros((1, 1, 4, 8), np.float32))
    return [folder / "a.caffemodel", folder / "b.hdf5", *_tensorflow_seeds(folder)]


def _tensorflow_seeds(folder: Path) -> list[Path]:
    import tensorflow as tf

    function = tf.function(
        lambda x: tf.nn.conv2d(x, tf.ones((3, 3, 3, 4)), 1, "SAME"),
        input_signature=[tf.TensorSpec((1, 8, 8, 3), tf.float32)],
    )
    concrete = function.get_concrete_function()
    graph = concrete.graph.as_graph_def()
    (folder / "c.pb").write_bytes(graph.SerializeToString())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], function)
    (folder / "d.tflite").write_bytes(converter.convert())
    return [folder / "c.pb", folder / "d.tflite"]


# --- text that we or others wrote --------------------------------------------------


def settings_seeds(folder: Path) -> list[Path]:
    """The defaults, as the app saves them."""
    from app.settings import Settings

    Settings().save(folder / "settings.json")
    return [folder / "settings.json"]


def read_settings(path: Path) -> None:
    """Loaded, and saved elsewhere: what was accepted can be kept."""
    from app.settings import Settings

    settings = Settings.load(path)
    again = path.with_name("again.json")
    settings.save(again)
    assert Settings.load(again) == settings


def sidecar_seeds(folder: Path) -> list[Path]:
    """Three frames with what was found in them."""
    import numpy as np

    from app.sidecar import FrameDetections, SidecarHeader, SidecarWriter
    from app.types import Detections

    header = SidecarHeader("a.mp4", (160, 90), "m.onnx", "00", ("person", "car"), {})
    found = Detections(
        np.array([[1, 2, 30, 40], [5, 6, 70, 80]], np.float32),
        np.array([0.9, 0.5], np.float32),
        np.array([0, 1], np.int64),
    )
    with SidecarWriter(folder / "a.jsonl", header) as writer:
        for index in range(3):
            writer.write(FrameDetections(index, index / 25, found))
    return [folder / "a.jsonl"]


def read_sidecar_file(path: Path) -> None:
    """Read whole, read as torn, played, and written in both other formats."""
    from app.detection.sidecar_detector import SidecarDetector
    from app.errors import SidecarError
    from app.sidecar import read_sidecar, read_torn, write_coco, write_csv

    try:
        header, frames = read_sidecar(path)
    except SidecarError:
        read_torn(path)
        raise
    SidecarDetector(path).open()
    write_csv(path.with_name("out.csv"), header, frames)
    write_coco(path.with_name("out.json"), header, frames)


def coco_seeds(folder: Path) -> list[Path]:
    """Two photos, three objects."""
    photos = [
        {"id": n, "file_name": f"{n}.jpg", "width": 64, "height": 48} for n in (1, 2)
    ]
    objects = [
        {"id": n, "image_id": 1 + n % 2, "category_id": 1, "bbox": [n, 2, 9, 8]}
        for n in range(3)
    ]
    labels = {
        "images": photos,
        "annotations": [{**o, "area": 72.0, "iscrowd": 0} for o in objects],
        "categories": [{"id": 1, "name": "person"}],
    }
    path = folder / "instances.json"
    path.write_text(json.dumps(labels), encoding="utf-8")
    return [path]


def read_coco(path: Path) -> None:
    """As `build_model.py dataset check` reads a .json file."""
    from model.dataset.health import check_dataset
    from model.dataset.read import read_dataset

    check_dataset(read_dataset([path]))


def voc_seeds(folder: Path) -> list[Path]:
    """One photo's labels."""
    path = folder / "000001.xml"
    path.write_text(
        "<annotation><filename>000001.jpg</filename><size><width>64</width>"
        "<height>48</height><depth>3</depth></size><object><name>dog</name>"
        "<difficult>0</difficult><bndbox><xmin>3</xmin><ymin>4</ymin><xmax>30</xmax>"
        "<ymax>40</ymax></bndbox></object></annotation>\n",
        encoding="utf-8",
    )
    return [path]


def read_voc(path: Path) -> None:
    """In a VOC folder made around it."""
    from model.dataset.read import read_dataset

    folder = path.parent / "VOC2007"
    for name in ("Annotations", "ImageSets/Main", "JPEGImages"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "Annotations" / "000001.xml").write_bytes(path.read_bytes())
    (folder / "ImageSets" / "Main" / "trainval.txt").write_text("000001\n")
    read_dataset([folder])


def job_seeds(folder: Path) -> list[Path]:
    """An export job as JSON."""
    from app.export.job import ExportJob

    path = folder / "job.json"
    path.write_text(ExportJob("a.mp4", "b.mp4", "m.onnx").to_json(), encoding="utf-8")
    return [path]


def read_job(path: Path) -> None:
    """`ExportJob.from_json` promises ValueError for whatever is no job."""
    from app.errors import UserError
    from app.export.job import ExportJob

    try:
        ExportJob.from_json(path.read_text(encoding="utf-8", errors="replace"))
    except ValueError as error:
        raise UserError("no job") from error


def part_seeds(folder: Path) -> list[Path]:
    """A recording that was cut off."""
    from fractions import Fraction

    from app.media.recording.part_file import part_of
    from app.media.recording.recorder import Mp4Recorder
    from app.types import VideoInfo
    from tests.fakes import numbered_image

    recorder = Mp4Recorder(folder / "out.mp4")
    recorder.open(VideoInfo("x", (6, 4), Fraction(25), None, None, is_live=True))
    for number in range(60):
        recorder.write(numbered_image(number), number / 25)
    data = part_of(folder / "out.mp4").read_bytes()
    recorder.close()
    (folder / "out.mp4").unlink()
    path = folder / ".seed.mp4.part"
    path.write_bytes(data)
    return [path]


def read_part(path: Path) -> None:
    """What the next start does with it."""
    from app.media.recording.recovery import recover_all

    part = path.with_name(f".{path.name}.mp4.part")
    part.write_bytes(path.read_bytes())
    recover_all(part.parent, say=lambda _: None)


def sound_seeds(folder: Path) -> list[Path]:
    """A second with two sounds, one of which begins late; and one joined to another."""
    import subprocess

    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1")
    tones = [("-f", "lavfi", "-i", f"sine={pitch}:d=1") for pitch in (440, 880)]
    maps = ("-map", "0", "-map", "1", "-map", "2", "-t", "1")
    made = []
    for name, codec in (("a.ts", "aac"), ("b.mpg", "mp2"), ("c.mkv", "ac3")):
        command = [
            *("ffmpeg", "-v", "error", *picture, *tones[0], "-itsoffset", "0.5"),
            *(*tones[1], *maps, "-c:v", "mpeg2video", "-c:a", codec),
            str(folder / name),
        ]
        try:
            subprocess.run(command, check=True, timeout=60)
        except (OSError, subprocess.SubprocessError):
            continue  # there is no ffmpeg here, or one without that encoder
        made.append(folder / name)
    for path in [path for path in made if path.suffix != ".mkv"]:
        made.append(path.with_stem(f"{path.stem}2"))
        made[-1].write_bytes(2 * path.read_bytes())
    return made


def read_sound(path: Path) -> None:
    """Recorded: whatever its sound is like, every picture is kept."""
    from app.media.recording.recorder import Mp4Recorder
    from app.media.sources.file_source import FileSource

    source = FileSource(path)
    recorder = Mp4Recorder(path.with_name("out.mp4"), overwrite=True)
    count = 0
    try:
        recorder.open(source.open())
        for frame in itertools.islice(source.frames(), 4 * PICTURES):
            recorder.write(frame.image_bgr, frame.timestamp_s)
            count += 1
    finally:
        source.close()
        recorded = recorder.close()
    assert recorded is None or recorded.frame_count >= count, "pictures are lost"
    assert recorded is not None or not count, "the recording is lost"


TARGETS = (
    Target("video bytes", video_seeds, read_video, weight=10),
    Target("odd videos", odd.odd_video_seeds, read_video, weight=3),
    Target("video through a pipe", odd.pipe_seeds, odd.read_through_pipe, weight=0.1),
    Target("photo bytes", photo_seeds, read_video, weight=3),
    Target("odd photos", odd.odd_photo_seeds, read_video, weight=1),
    Target("a recording cut off", part_seeds, read_part, weight=2),
    Target("sound for a recording", sound_seeds, read_sound, weight=2),
    Target("what a user types", source_seeds, read_source_text, weight=2),
    Target("model files (.onnx)", model_seeds, read_model, weight=3),
    Target("our weights", own_weights_seeds, read_weights_file, weight=0.03),
    Target("others' weights", their_weights_seeds, read_weights_file, weight=3),
    Target("settings", settings_seeds, read_settings, mutate_json, weight=2),
    Target("sidecars", sidecar_seeds, read_sidecar_file, mutate_json, weight=3),
    Target("COCO labels", coco_seeds, read_coco, mutate_json, weight=2),
    Target("odd COCO labels", odd.odd_coco_seeds, read_coco, mutate_json, weight=1),
    Target("VOC labels", voc_seeds, read_voc, weight=1),
    Target("odd VOC labels", odd.odd_voc_seeds, read_voc, weight=1),
    Target("class names", odd.names_seeds, odd.read_names, weight=1),
    Target("export jobs", job_seeds, read_job, mutate_json, weight=1),
)
