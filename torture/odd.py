"""Good files of the kinds that came out wrong once: turned, HDR, joined, mislabelled.

What the tests make to see each come out right is damaged here.
"""

import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

SIZE_WH = (64, 48)


def odd_video_seeds(folder: Path) -> list[Path]:
    """Turned, mirrored, cropped, HDR, with odd colours or clocks, with a cover."""
    import numpy as np
    from av.stream import Disposition
    from av.video.reformatter import ColorTrc

    from tests.media.clips import write_video
    from tests.media.corners import ONE, cornered_video, with_matrix
    from tests.media.sources.files.test_reader import packed_avi, spliced
    from tests.media.sources.pictures import test_cropping as cropping
    from tests.media.sources.pictures.test_stream_choice import write_streams
    from tests.media.sources.pictures.test_tone_mapping import hdr_clip

    patches = np.array([[1, 0, 0], [0.5, 0.5, 0.5]])
    times_s = [i / 25 for i in range(12)]
    streams = [
        ("mjpeg", SIZE_WH, Disposition.attached_pic),
        ("libx264", SIZE_WH, Disposition(0)),
    ]
    flat = cornered_video(folder / "flat.mp4", 12)
    made = [
        with_matrix(flat, (-ONE, 0, 0, ONE), folder / "mirrored.mp4"),
        with_matrix(flat, (0, ONE, ONE, 0), folder / "transposed.mp4"),
        write_video(folder / "ycgco.mp4", times_s, size_wh=SIZE_WH, matrix=8),
        write_video(folder / "late.mkv", [60 + t for t in times_s], size_wh=SIZE_WH),
    ]
    makers: tuple[Callable[[], Path], ...] = (
        lambda: hdr_clip(folder / "pq.mkv", ColorTrc.SMPTE2084, patches),
        lambda: hdr_clip(folder / "hlg.mkv", ColorTrc.ARIB_STD_B67, patches),
        lambda: cropping.matroska(folder),
        lambda: cropping.mp4(folder),
        lambda: packed_avi(folder / "packed.avi", 12),
        lambda: spliced(folder),
        lambda: write_streams(folder / "cover.mp4", streams),
    )
    for make in makers:
        with suppress(OSError, ValueError):  # this FFmpeg has no such encoder
            made.append(make())
    return made


def odd_photo_seeds(folder: Path) -> list[Path]:
    """Of tiles, turned by EXIF, and under another name."""
    from PIL import Image

    from app.media.sources.synthetic import SyntheticInput
    from tests.media.heif import AVIF, HEIC, write_grid

    picture = SyntheticInput(size_wh=(96, 64)).picture(7)
    turned = Image.fromarray(picture[..., ::-1])
    exif = Image.Exif()
    exif[0x0112] = 7  # mirrored and turned
    made = []
    for name in ("turned.jfif", "turned.png"):
        kind = {".jfif": "jpeg", ".png": "png"}[Path(name).suffix]
        turned.save(folder / name, kind, exif=exif)
        made.append(folder / name)
    for name, of_tiles in (("tiles.heic", HEIC), ("tiles.avif", AVIF)):
        with suppress(OSError, ValueError):  # this FFmpeg has no such encoder
            made.append(write_grid(folder / name, picture, of_tiles, 64))
    return made


def pipe_seeds(folder: Path) -> list[Path]:
    """What another program may write into a pipe."""
    from tests.media.clips import write_video

    times_s = [i / 25 for i in range(12)]
    return [
        write_video(folder / name, times_s, size_wh=SIZE_WH)
        for name in ("a.ts", "b.mkv")
    ]


def read_through_pipe(path: Path) -> None:
    """As `--source a.fifo` does, while somebody writes."""
    from app.media.sources.make import make_source

    fifo = path.with_name("fifo")
    os.mkfifo(fifo)
    writer = threading.Thread(target=_write, args=(path, fifo))
    writer.start()
    try:
        source = make_source(str(fifo))
        try:
            source.open()
            for _ in source.frames():
                pass
        finally:
            source.close()
    finally:
        # Who never opened it lets a writer wait for ever.
        os.close(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK))
        writer.join()


def _write(path: Path, fifo: Path) -> None:
    with suppress(BrokenPipeError), fifo.open("wb") as file:
        file.write(path.read_bytes())


def odd_coco_seeds(folder: Path) -> list[Path]:
    """As other tools write them: marks, slashes, capitals, outlines, floats."""
    photos: list[dict[str, Any]] = [{"id": n, "file_name": f"{n}.jpg"} for n in (1, 2)]
    sized = [{**photo, "width": 64, "height": 48} for photo in photos]
    slashed = [{**p, "file_name": f"images\\{p['id']}.jpg"} for p in sized]
    box: dict[str, Any] = {"image_id": 1, "category_id": 1, "bbox": [3, 2, 9, 8]}
    outline = [[3.0, 2.0, 12.0, 2.0, 12.0, 10.0]]
    kinds: dict[str, tuple[list[dict[str, Any]], dict[str, Any], str]] = {
        "mark": (sized, box, "person"),
        "slash": (slashed, box, "person"),
        "capital": (sized, box, "Person"),
        "outline": (sized, {**box, "segmentation": outline}, "person"),
        "negative": (sized, {**box, "bbox": [12.5, 10.0, -9.5, -8]}, " own "),
        "crowd": (sized, {**box, "iscrowd": 1, "score": 0.3}, "person"),
    }
    del kinds["outline"][1]["bbox"]
    made = []
    for kind, (images, label, name) in kinds.items():
        labels = {
            "images": images,
            "annotations": [{"id": 1, **label}],
            "categories": [{"id": 1, "name": name}],
        }
        path = folder / f"{kind}.json"
        mark = "\ufeff" if kind == "mark" else ""
        path.write_text(mark + json.dumps(labels), encoding="utf-8")
        made.append(path)
    return made


def odd_voc_seeds(folder: Path) -> list[Path]:
    """A mark at the start, half pixels, own classes; nothing said of difficulty."""
    box = "<xmin>{}</xmin><ymin>4.5</ymin><xmax>30</xmax><ymax>40.25</ymax>"
    label = (
        "<annotation><filename>some where\\a b</filename><size><width>64</width>"
        "<height>48</height></size><object><name>{}</name><bndbox>{}</bndbox></object>"
        "</annotation>\n"
    )
    made = []
    for number, name in enumerate(("hardhat", " Person ", "vest & boots", "猫")):
        text = label.format(name.replace("&", "&amp;"), box.format(number - 0.5))
        path = folder / f"{number}.xml"
        path.write_text(("\ufeff" if number % 2 else "") + text, encoding="utf-8")
        made.append(path)
    return made


def names_seeds(folder: Path) -> list[Path]:
    """Lists of class names, as editors and trainings leave them."""
    names = "helmet\nvest\nrubber boots\n"
    made = []
    for name, text, encoding in (
        ("plain.txt", names, "utf-8"),
        ("mark.txt", f"BACKGROUND\n{names}", "utf-8-sig"),
        ("windows.txt", f"background\n{names}".replace("\n", "\r\n"), "utf-16"),
    ):
        path = folder / name
        path.write_bytes(text.encode(encoding))
        made.append(path)
    return made


def read_names(path: Path) -> None:
    """As `--classes FILE` does; what was read are names."""
    from model.dataset.names import class_key, read_class_names

    assert all(class_key(name) for name in read_class_names(path)), "one is empty"
