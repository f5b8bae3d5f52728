"""What app.media.recording.finishing promises: nothing is lost, and little needed."""

import errno
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import pytest

from app.errors import RecordingError
from app.media.recording import finishing, part_file
from app.media.recording.encoder import Encoder
from app.media.recording.part_file import MARK, Origin, PartHandle, part_of
from app.media.recording.recorder import Mp4Recorder
from app.media.recording.recovery import find_unfinished, recover, recover_all
from app.types import RecordingInfo
from tests.campaign import FACTOR
from tests.media.numbered import info, make_video, numbered, numbers_in
from tests.media.recording.test_clocks import record_file, sound_of
from tests.media.recording.test_recovery import cut_off
from tests.media.spliced import later, rewritten
from tests.other_user import ALICE, BOB, as_user, shared_folder
from tests.programs import run_ffmpeg
from tests.python import ROOT

TWO_S = [i / 25 for i in range(50)]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="asks Linux's /proc"
)


def record(recorder: Mp4Recorder, count: int = 25, **about: object) -> None:
    """Open it and write numbers from 0."""
    recorder.open(info(**about))  # type: ignore[arg-type] # as `info` has them
    for number in range(count):
        recorder.write(numbered(number), number / 25)


# --- memory -------------------------------------------------------------------------


def finish_in_child(part: Path, size_mb: float) -> tuple[float, int]:
    """MB that finishing needed, and the bytes of the file."""
    said = subprocess.run(
        [
            *(sys.executable, "-m", "tests.media.recording.finish_child"),
            *(str(part), str(size_mb)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    ).stdout
    needed_mb, size = said.split()
    return float(needed_mb), int(size)


@needs_proc
def test_finishing_needs_as_much_memory_for_a_large_file_as_for_a_small(
    tmp_path: Path,
) -> None:
    for size_mb in (20, 120):
        needed_mb, size = finish_in_child(part_of(tmp_path / "a.mp4"), size_mb)
        assert size > size_mb * 2**20
        assert needed_mb < 15
        (tmp_path / "a.mp4").unlink()


@needs_proc
def test_ended_files_of_a_split_recording_keep_nothing_open(tmp_path: Path) -> None:
    def files_open() -> int:
        links = Path("/proc/self/fd").iterdir()
        return sum(os.path.realpath(link).startswith(str(tmp_path)) for link in links)

    def encoders() -> int:
        return sum(isinstance(each, Encoder) for each in gc.get_objects())

    before = encoders()
    recorder = Mp4Recorder(tmp_path / "out.mp4", split_s=0.2)
    recorder.open(info())
    try:
        for number in range(100):
            recorder.write(numbered(number), number / 25)
            # The first and the last are held, however many there are between.
            assert files_open() <= 2
        assert encoders() - before <= 1
        # What is ended is still this recording's: nobody recovers it meanwhile.
        assert find_unfinished_elsewhere(tmp_path) == "0"
    finally:
        recorded = recorder.close()
    assert recorded is not None
    assert recorded.frame_count == 100
    assert len(list(tmp_path.iterdir())) == len({*tmp_path.glob("out*.mp4")}) > 15


def find_unfinished_elsewhere(folder: Path) -> str:
    """How many another process would recover."""
    code = (
        "import sys; from pathlib import Path\n"
        "from app.media.recording.recovery import recover_all\n"
        "print(len(recover_all(Path(sys.argv[1]), say=lambda text: None)))"
    )
    return subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.strip()


# --- names that cannot be had -------------------------------------------------------


def test_the_file_of_another_user_survives_and_so_does_the_recording() -> None:
    with shared_folder() as folder:
        path = folder / "out.mp4"

        def alice() -> None:
            path.write_text("Alice's")
            path.chmod(0o666)

        def bob() -> None:
            recorder = Mp4Recorder(path, overwrite=True)
            record(recorder)
            recorded = recorder.close()
            assert recorded is not None
            assert recorded.path == str(folder / "out (2).mp4")
            assert "out.mp4 could not be replaced" in recorded.notes[0]

        as_user(ALICE, alice)
        as_user(BOB, bob)
        assert path.read_text() == "Alice's"
        assert numbers_in(folder / "out (2).mp4") == list(range(25))
        assert names(folder) == ["out (2).mp4", "out.mp4"]


def test_the_part_of_another_user_is_theirs() -> None:
    with shared_folder() as folder:
        as_user(ALICE, lambda: cut_off(folder / "out.mp4").chmod(0o666))
        before = part_of(folder / "out.mp4").read_bytes()

        def bob() -> None:
            said: list[str] = []
            assert recover_all(folder, say=said.append) == []
            assert said == []
            recorder = Mp4Recorder(folder / "out.mp4")
            record(recorder)
            recorded = recorder.close()
            assert recorded is not None
            assert recorded.path == str(folder / "out.mp4")

        as_user(BOB, bob)
        assert part_of(folder / "out.mp4").read_bytes() == before
        assert numbers_in(folder / "out.mp4") == list(range(25))
        as_user(ALICE, lambda: recover_all(folder, say=print))
        assert len(numbers_in(folder / "out (2).mp4")) > 20


def test_a_folder_that_became_read_only_keeps_the_part_and_names_it() -> None:
    with shared_folder() as outer:
        folder = outer / "own"

        def alice() -> None:
            folder.mkdir()
            recorder = Mp4Recorder(folder / "out.mp4")
            record(recorder)
            folder.chmod(0o555)
            with pytest.raises(RecordingError) as caught:
                recorder.close()
            part = part_of(folder / "out.mp4")
            assert f"What there is of it is in {part}" in str(caught.value)
            assert len(numbers_in(part)) == 25
            folder.chmod(0o755)
            assert recover(part) == folder / "out.mp4"

        as_user(ALICE, alice)
        assert numbers_in(folder / "out.mp4") == list(range(25))


def test_a_name_that_cannot_be_had_costs_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network drive that breaks in that moment."""

    def broken(*_: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    recorder = Mp4Recorder(tmp_path / "out.mp4")
    record(recorder)
    with monkeypatch.context() as changed:
        changed.setattr(finishing, "give_name", broken)
        with pytest.raises(RecordingError) as caught:
            recorder.close()
    part = part_of(tmp_path / "out.mp4")
    assert f"What there is of it is in {part}" in str(caught.value)
    assert names(tmp_path) == [part.name]
    assert recover(part) == tmp_path / "out.mp4"
    assert numbers_in(tmp_path / "out.mp4") == list(range(25))


@pytest.mark.parametrize("how", ["itself", "hard link", "symbolic link", "split"])
def test_the_video_that_is_played_is_never_replaced(tmp_path: Path, how: str) -> None:
    source = make_video(tmp_path / "in.mp4", TWO_S)
    data = source.read_bytes()
    out = tmp_path / "out.mp4"
    if how == "hard link":
        out.hardlink_to(source)
    elif how == "symbolic link":
        out.symlink_to(source)
    recorder = Mp4Recorder(
        source if how == "itself" else out, overwrite=True, split_s=1.0
    )
    if how == "split":  # its second file
        source = source.rename(tmp_path / "out-002.mp4")
        record(recorder, 50, path=str(source))
        recorded = recorder.close()
        assert recorded is not None
        assert "out-002.mp4 is the original, and was left alone." in recorded.notes
        assert numbers_in(tmp_path / "out-002 (2).mp4") == list(range(25, 50))
    else:
        with pytest.raises(RecordingError, match="is the video that is played") as e:
            recorder.open(info(path=str(source)))
        assert "overwrite" not in str(e.value)
        recorder.close()
    assert source.read_bytes() == data


def test_one_file_that_fails_leaves_no_other_behind(tmp_path: Path) -> None:
    recorder = Mp4Recorder(tmp_path / "out.mp4", split_s=1.0)
    record(recorder, 100)
    part = part_of(tmp_path / "out-002.mp4")
    data = part.read_bytes()
    part.write_bytes(data.replace(b"trak", b"zzzz"))  # no pictures any more
    with pytest.raises(RecordingError) as caught:
        recorder.close()
    assert "out-002.mp4 could not be finished" in caught.value.problem
    assert str(part) in caught.value.problem
    kept = ["out.mp4", "out-003.mp4", "out-004.mp4"]
    for number, name in zip((0, 50, 75), kept, strict=True):
        assert numbers_in(tmp_path / name) == list(range(number, number + 25))
        assert str(tmp_path / name) in caught.value.remedy
    assert names(tmp_path) == sorted([part.name, *kept])


def test_without_room_for_a_copy_it_is_left_in_pieces_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system says so in the middle of writing, as of a disk that is full."""
    resource = pytest.importorskip("resource")
    source = make_video(tmp_path / "in.mp4", TWO_S)
    recorder = Mp4Recorder(tmp_path / "out.mkv")
    record(recorder, 50, path=str(source))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, hard))
    try:
        recorded = recorder.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert recorded is not None
    # It is an MP4, so it is called so.
    assert recorded.path == str(tmp_path / "out.mp4")
    assert "in pieces and without sound: file too large." in recorded.notes[-1]
    assert numbers_in(tmp_path / "out.mp4")[:20] == list(range(20))
    data = (tmp_path / "out.mp4").read_bytes()
    assert str(source).encode() not in data  # whose it was is nobody's business
    assert MARK.encode() not in data
    assert names(tmp_path) == ["in.mp4", "out.mp4"]


# --- sound --------------------------------------------------------------------------


def clip(path: Path, *parts: str) -> Path:
    """What the ffmpeg command makes of it."""
    run_ffmpeg(*parts, str(path))
    return path


PICTURES = ("-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=8")
TONE = ("-f", "lavfi", "-i", "sine=r=48000:d=8")
H264 = ("-c:v", "libx264", "-bf", "0")


@pytest.mark.parametrize(
    ("name", "codec"), [("in.ts", "aac"), ("in.mpg", "mp2"), ("in.flv", "aac")]
)
def test_sound_that_begins_late_is_recorded_from_there(
    tmp_path: Path, name: str, codec: str
) -> None:
    source = clip(
        tmp_path / name,
        *(*PICTURES, "-itsoffset", "6", *TONE, "-t", "8"),
        *("-map", "0", "-map", "1", *H264, "-c:a", codec),
    )
    recorded = record_file(source, tmp_path / "out.mp4")
    assert recorded.frame_count == 200
    assert recorded.duration_s == pytest.approx(8.0, abs=0.05)
    sound = sound_of(tmp_path / "out.mp4")
    assert sound[0][0] == pytest.approx(6.0, abs=0.1)
    assert sound[-1][0] == pytest.approx(8.0, abs=0.1)


def test_a_second_sound_from_the_middle_is_recorded_too(tmp_path: Path) -> None:
    """As of a TV programme: announced in mid-stream, five seconds into the file."""
    once = clip(tmp_path / "a.ts", *PICTURES, *TONE, *H264, "-c:a", "aac", "-t", "8")
    twice = clip(
        tmp_path / "b.ts",
        *(*PICTURES, *TONE, "-f", "lavfi", "-i", "sine=880:r=48000:d=8", "-t", "8"),
        *("-map", "0", "-map", "1", "-map", "2", *H264, "-c:a", "aac"),
        *("-output_ts_offset", "8"),
    )
    source = tmp_path / "in.ts"
    # A megabyte of nothing between them is more than FFmpeg looks ahead by itself.
    nothing = (b"\x47\x1f\xff\x10" + bytes(184)) * (6 * 2**20 // 188)
    source.write_bytes(once.read_bytes() + nothing + twice.read_bytes())
    recorded = record_file(source, tmp_path / "out.mp4")
    assert recorded.frame_count == 400
    first, second = (sound_of(tmp_path / "out.mp4", index) for index in (0, 1))
    assert first[0][0] < 0.1
    assert first[-1][0] == pytest.approx(16.0, abs=0.1)
    assert second[0][0] == pytest.approx(8.0, abs=0.15)
    assert second[-1][0] == pytest.approx(16.0, abs=0.1)


def test_a_picture_that_begins_late_has_its_sound_in_time(tmp_path: Path) -> None:
    for name in ("in.ts", "in.mpg"):
        source = clip(
            tmp_path / name,
            *("-itsoffset", "3", *PICTURES, *TONE, "-map", "0", "-map", "1"),
            *("-fps_mode", "passthrough", *H264, "-c:a", "mp2", "-t", "8"),
        )
        with av.open(str(source)) as container:
            starts = {s.type: s.start_time or 0 for s in container.streams}
        assert starts["video"] - starts["audio"] == pytest.approx(3 * 90_000, rel=0.05)
        out = tmp_path / f"{name}.mkv"
        record_file(source, out)
        # Sound of before the first picture is kept: it comes first then, too.
        with av.open(str(out)) as container:
            picture_s = float(next(container.decode(video=0)).time or 0)
        assert picture_s - sound_of(out)[0][0] == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("by_s", [0.03, 0.5, 1.1])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_sound_whose_time_falls_back_once_costs_nothing(
    tmp_path: Path, by_s: float, suffix: str
) -> None:
    good = make_video(tmp_path / "good.ts", TWO_S)
    data = bytearray(good.read_bytes())
    # The tenth piece of sound (each of some packets) says so much less.
    at = -1
    for _ in range(10):
        at = data.index(b"\0\0\1\xc0", at + 1)
    pts = data[at + 9 : at + 14]
    ticks = (pts[0] >> 1 & 7) << 30 | (pts[1] << 7 | pts[2] >> 1) << 15
    ticks |= pts[3] << 7 | pts[4] >> 1
    ticks -= round(by_s * 90_000)
    data[at + 9] = 0x21 | ticks >> 29 & 0x0E
    data[at + 10 : at + 12] = (ticks >> 14 & 0xFFFF | 1).to_bytes(2, "big")
    data[at + 12 : at + 14] = (ticks << 1 & 0xFFFF | 1).to_bytes(2, "big")
    source = tmp_path / "in.ts"
    source.write_bytes(data)
    recorded = record_file(source, tmp_path / f"out{suffix}")
    assert recorded.notes == ()
    sound = sound_of(tmp_path / f"out{suffix}")
    assert [data for _, data in sound] == [data[7:] for _, data in sound_of(good)]
    # Before and after the slip each is where it was.
    times, whole = [at_s for at_s, _ in sound], [at_s for at_s, _ in sound_of(good)]
    assert times[0] - whole[0] == pytest.approx(times[-1] - whole[-1], abs=0.03)
    assert numbers_in(tmp_path / f"out{suffix}") == list(range(50))


def half_silent(folder: Path) -> Path:
    """Two seconds; of two sounds, the first is announced and never sent."""
    both = clip(
        folder / "both.ts",
        *(*PICTURES, *TONE, *TONE, "-map", "0", "-map", "1", "-map", "2", "-t", "2"),
        *(*H264, "-c:a", "aac"),
    )
    source = folder / "in.ts"
    # The packets of one elementary stream (0x101, the first sound) are taken out.
    data = both.read_bytes()
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    source.write_bytes(
        b"".join(p for p in packets if (p[1] & 0x1F) << 8 | p[2] != 0x101)
    )
    return source


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_sound_that_is_announced_and_never_sent_costs_no_other(
    tmp_path: Path, suffix: str
) -> None:
    recorded = record_file(half_silent(tmp_path), tmp_path / f"out{suffix}")
    assert recorded.notes == ()
    with av.open(str(tmp_path / f"out{suffix}")) as container:
        assert len(container.streams.audio) == 1
    assert len(sound_of(tmp_path / f"out{suffix}")) > 90


def test_a_damaged_piece_of_sound_costs_itself_and_is_counted(tmp_path: Path) -> None:
    good = make_video(tmp_path / "good.ts", TWO_S)
    data = bytearray(good.read_bytes())
    at = data.index(b"\xff\xf1", len(data) // 2)  # the head of an ADTS packet
    data[at : at + 2] = b"\0\0"
    source = tmp_path / "in.ts"
    source.write_bytes(data)
    recorded = record_file(source, tmp_path / "out.mp4")
    assert recorded.frame_count == 50
    assert len(sound_of(tmp_path / "out.mp4")) >= len(sound_of(good)) - 2


def test_what_became_of_the_sound_is_said(tmp_path: Path) -> None:
    source = make_video(tmp_path / "in.mp4", TWO_S)
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    record(recorder, 50, path=str(source))
    source.unlink()
    recorded = recorder.close()
    assert recorded is not None
    assert recorded.notes == (
        "It has no sound, because in.mp4 cannot be read any more.",
    )
    source = make_video(tmp_path / "in.mp4", TWO_S)
    recorder = Mp4Recorder(tmp_path / "out2.mp4")
    record(recorder, 10, path=str(source))
    recorder.jump()
    recorded = recorder.close()
    assert recorded is not None
    assert recorded.notes == (
        "It has no sound where the video was not played in one go.",
    )
    silent = make_video(tmp_path / "silent.mp4", TWO_S, audio=None)
    recorder = Mp4Recorder(tmp_path / "out3.mp4")
    record(recorder, 10, path=str(silent))
    recorder.jump()
    recorded = recorder.close()
    assert recorded is not None
    assert recorded.notes == ()


def test_each_file_of_a_split_recording_has_the_sound_of_its_own_time(
    tmp_path: Path,
) -> None:
    plain = make_video(tmp_path / "in.mp4", [i / 25 for i in range(300)])
    for suffix in (".mp4", ".ts"):
        source = tmp_path / f"in{suffix}"
        if suffix == ".ts":
            rewritten(plain, source, later(1.0))
        recorder = Mp4Recorder(tmp_path / f"out{suffix[1:]}.mp4", split_s=4.0)
        record(recorder, 300, path=str(source))
        recorder.close()
        whole = [data[-64:] for _, data in sound_of(source)]
        pieces = []
        for name in ("", "-002", "-003"):
            sound = sound_of(tmp_path / f"out{suffix[1:]}{name}.mp4")
            # Four seconds at 48 kHz in packets of 1024 samples.
            assert len(sound) == pytest.approx(187.5, abs=2.5)
            pieces += [data[-64:] for _, data in sound]
        assert pieces == whole


# --- recovery -----------------------------------------------------------------------


def test_after_a_crash_the_new_one_is_named_and_the_old_one_told(
    tmp_path: Path,
) -> None:
    part = cut_off(tmp_path / "out.mp4")
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    recorder.open(info())
    assert part.exists()  # to recover it takes as long as it is large: not now
    recorder.write(numbered(999), 0.0)
    recorded = recorder.close()
    assert recorded is not None
    assert recorded.path == str(tmp_path / "out (2).mp4")
    assert numbers_in(Path(recorded.path)) == [999]
    assert recorded.notes == (
        f"An earlier one, cut off, is in {tmp_path / 'out.mp4'}.",
    )


def test_a_recording_begins_while_the_earlier_one_is_recovered(tmp_path: Path) -> None:
    cut_off(tmp_path / "out.mp4")
    recovering = PartHandle.of(part_of(tmp_path / "out.mp4"))  # as another process
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    record(recorder)
    recorded = recorder.close()
    recovering.close()
    assert recorded is not None
    assert recorded.path == str(tmp_path / "out.mp4")
    assert recover_all(tmp_path, say=print) == [tmp_path / "out (2).mp4"]


def test_what_came_from_a_camera_outlives_an_overwriting(tmp_path: Path) -> None:
    cut_off(tmp_path / "out.mp4")
    recorder = Mp4Recorder(tmp_path / "out.mp4", overwrite=True)
    record(recorder, 3)
    recorder.close()
    assert numbers_in(tmp_path / "out.mp4") == [0, 1, 2]
    assert recover_all(tmp_path, say=print) == [tmp_path / "out (2).mp4"]
    # What is made anew from its file takes the place of what was cut off.
    source = make_video(tmp_path / "in.mp4", TWO_S)
    cut_off(tmp_path / "again.mp4", source=source)
    recorder = Mp4Recorder(tmp_path / "again.mp4", overwrite=True)
    record(recorder, 3, path=str(source))
    recorder.close()
    assert recover_all(tmp_path, say=print) == []


def test_of_many_who_recover_one_does(tmp_path: Path) -> None:
    for number in range(4):
        cut_off(tmp_path / f"{number}.mp4")
    code = (
        "import sys; from pathlib import Path\n"
        "from app.media.recording.recovery import recover_all\n"
        "sys.stdin.readline()\n"
        "recover_all(Path(sys.argv[1]), say=print)"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    said, errors = zip(
        *(child.communicate(timeout=60) for child in children), strict=True
    )
    assert "".join(errors) == ""
    assert [child.returncode for child in children] == [0] * 4
    lines = "".join(said).splitlines()
    assert len(lines) == 4
    assert all("what there is of it is in" in line for line in lines)
    assert names(tmp_path) == [f"{number}.mp4" for number in range(4)]


def test_where_there_are_no_locks_a_recording_is_made_and_its_part_left_in_peace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def none(file: object, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", none)
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    record(recorder)
    assert find_unfinished(tmp_path) == []  # it may well be in use
    assert recorder.close() is not None
    assert numbers_in(tmp_path / "out.mp4") == list(range(25))
    part = cut_off(tmp_path / "old.mp4")
    assert recover_all(tmp_path, say=print) == []
    long_ago_s = time.time() - 2 * part_file.UNLOCKED_REST_S
    os.utime(part, (long_ago_s, long_ago_s))
    assert recover_all(tmp_path, say=print) == [tmp_path / "old.mp4"]


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and what was asked of it."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/a.mp4", paths
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.mark.parametrize("kind", ["address", "playlist", "pipe", "share"])
def test_a_part_from_elsewhere_fetches_nothing(
    tmp_path: Path, asked: tuple[str, list[str]], kind: str
) -> None:
    address, paths = asked
    name = address
    if kind == "playlist":
        playlist = tmp_path / "a.m3u8"
        playlist.write_text(f"#EXTM3U\n#EXTINF:2.0,\n{address}\n#EXT-X-ENDLIST\n")
        name = str(playlist)
    elif kind == "pipe":
        os.mkfifo(tmp_path / "pipe")
        name = str(tmp_path / "pipe")
    elif kind == "share":
        name = "//127.0.0.1/share/a.mp4"
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    recorder.open(info(path=name))
    for number in range(50):
        recorder.write(numbered(number), number / 25)
    part = tmp_path / ".theirs.mp4.part"
    part.write_bytes(part_of(tmp_path / "out.mp4").read_bytes())
    recorder.close()
    said: list[str] = []
    assert recover_all(tmp_path, say=said.append) == [tmp_path / "theirs.mp4"]
    assert len(numbers_in(tmp_path / "theirs.mp4")) > 20
    assert paths == []


def kill_while_finishing(folder: Path, seed: int) -> None:
    """At some moment of a finishing that takes about a second."""
    part = folder / f".{seed}.mp4.part"
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.media.recording.finish_child import write_part\n"
        "from app.media.recording.recovery import recover\n"
        "write_part(Path(sys.argv[1]), 20 * 2**20)\n"
        "print('written', flush=True)\n"
        "print(recover(Path(sys.argv[1])), flush=True)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(part)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "written\n"
        whole = part.stat().st_size
        done = threading.Event()
        done.wait(0.01 * (seed % 25))
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait(60)
        child.stdout.close()  # type: ignore[union-attr] # it is a pipe
    recover_all(folder, say=print)
    (path,) = folder.glob(f"*{seed}.mp4")
    with av.open(str(path)) as container:
        count = sum(packet.size > 0 for packet in container.demux(video=0))
    assert count % 50 == 0
    assert path.stat().st_size == pytest.approx(whole, rel=0.01)
    path.unlink()
    assert names(folder) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
@pytest.mark.parametrize("seed", range(0, 25 * FACTOR, 5))
def test_finishing_killed_at_any_moment_is_done_by_the_next(
    tmp_path: Path, seed: int
) -> None:
    kill_while_finishing(tmp_path, seed)


# --- smaller promises ---------------------------------------------------------------


def test_it_is_brought_onto_the_disk_every_two_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut costs no more than that."""
    really, synced = os.fsync, []

    def fsync(file: int) -> None:
        synced.append(os.fstat(file).st_ino)
        really(file)

    monkeypatch.setattr(os, "fsync", fsync)
    now = iter(range(1000))
    monkeypatch.setattr(
        "app.media.recording.recorder.time.monotonic", lambda: float(next(now))
    )
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    record(recorder, 8)
    part = part_of(tmp_path / "out.mp4").stat().st_ino
    assert synced.count(part) >= 3
    recorder.close()
    assert (tmp_path / "out.mp4").stat().st_ino in synced


def test_a_nearly_full_disk_is_told_in_megabytes(tmp_path: Path) -> None:
    recorder = Mp4Recorder(tmp_path / "out.mp4", free_bytes=lambda _: 50 * 2**20)
    with pytest.raises(RecordingError, match=r"\(50 MB are left\)"):
        recorder.open(info())


@pytest.mark.parametrize("split", [0.0, -60.0, float("nan"), float("inf")])
def test_a_length_that_is_none_is_no_way_to_split(tmp_path: Path, split: float) -> None:
    with pytest.raises(ValueError, match="split_s must be above 0"):
        Mp4Recorder(tmp_path / "out.mp4", split_s=split)
    with pytest.raises(ValueError, match="split_bytes must be above 0"):
        Mp4Recorder(tmp_path / "out.mp4", split_bytes=-1)


def test_a_name_with_a_colon_is_no_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recorder = Mp4Recorder(Path("2024-01-01T12:30:05.mp4"))
    record(recorder)
    recorded = recorder.close()
    assert recorded is not None
    assert len(numbers_in(tmp_path / "2024-01-01T12:30:05.mp4")) == 25


def test_the_origin_is_marked_and_comes_back(tmp_path: Path) -> None:
    origin = Origin('/a/é "b".mp4', 1.5, 0.04, ".out.mp4.part")
    assert Origin.from_text(origin.to_text()) == origin
    assert Origin.from_text(f"{MARK}torn") == Origin("", 0.0, 0.0)
    assert Origin.from_text("") == Origin("", 0.0, 0.0)
    assert isinstance(RecordingInfo("a", 1, 0, 1.0).notes, tuple)
