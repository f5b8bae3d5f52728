"""What app.export.elsewhere.addresses promises of files that are on no disk here."""

import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from app.errors import SourceError, UserError
from app.export.elsewhere.addresses import RemoteFile, beside, name_of, videos_at

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[str]:
    """An address of a folder with three files."""
    address = f"memory://{tmp_path.name}"
    for name in ("a.mp4", "b.mkv", "sub/c.mp4"):
        with fsspec.open(f"{address}/{name}", "wb") as file:
            file.write(name.encode())
    yield address
    fsspec.filesystem("memory").rm(f"/{tmp_path.name}", recursive=True)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", {"a.mp4": "a.mp4", "b.mkv": "b.mkv", "sub/c.mp4": "sub/c.mp4"}),
        ("/b.mkv", {"b.mkv": "b.mkv"}),
        ("/sub/c.mp4", {"sub/c.mp4": "c.mp4"}),
        ("/?.mp4", {"a.mp4": "a.mp4"}),
        ("/*/*.mp4", {"sub/c.mp4": "c.mp4"}),
        ("/none*", {}),
    ],
)
def test_an_address_names_a_file_a_folder_or_a_pattern(
    place: str, address: str, expected: dict[str, str]
) -> None:
    found = videos_at(place + address)
    shown = {at.removeprefix("memory:").lstrip("/"): to for at, to in found.items()}
    folder = place.removeprefix("memory://")
    assert shown == {f"{folder}/{a}": PurePosixPath(b) for a, b in expected.items()}
    for at, to in found.items():  # each can be opened by the address it is given
        with RemoteFile(at).open() as file:
            assert file.read().decode().endswith(to.name)


def test_what_cannot_be_listed_is_a_sentence_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> bool:
        raise PermissionError(13, "Permission denied")

    memory = fsspec.get_filesystem_class("memory")
    monkeypatch.setattr(memory, "isfile", refuse)
    with pytest.raises(SourceError) as caught:
        videos_at("memory://me:secret@place/folder")
    said = caught.value.problem
    assert said == "memory://place/folder cannot be listed: Permission denied."


def test_an_address_that_nobody_here_can_read_is_a_sentence() -> None:
    with pytest.raises(UserError, match="cannot be read here: ") as caught:
        RemoteFile("nobodys-own://me:secret@place/a.mp4")
    assert caught.value.problem.startswith("nobodys-own://place/a.mp4 ")
    assert "Install what reads it" in caught.value.remedy
    assert "secret" not in str(caught.value)


def test_without_fsspec_one_sentence_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(UserError, match="is on no disk of this machine") as caught:
        videos_at("s3://me:secret@bucket/a.mp4")
    assert "requirements-places.txt" in caught.value.remedy
    assert "secret" not in str(caught.value)


def test_a_file_is_known_by_its_name_and_can_be_taken_away(place: str) -> None:
    file = RemoteFile(f"{place}/a.mp4")
    assert (file.exists(), file.size()) == (True, 5)
    assert file.is_same(RemoteFile(f"{place}/a.mp4"))
    assert not file.is_same(RemoteFile(f"{place}/b.mkv"))
    file.remove()
    assert not file.exists()
    file.remove()  # is gone already
    with pytest.raises(SourceError, match=r"a\.mp4 cannot be read: "):
        file.size()
    assert name_of("https://host/x/a.mp4?key=1#t") == "a.mp4"
    assert beside("s3://bucket/x/a.mp4", "b.csv") == "s3://bucket/x/b.csv"
