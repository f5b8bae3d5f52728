"""What app.media.sources promises."""

import pytest

from app.errors import SourceError
from app.media.camera_source import CameraSource
from app.media.file_source import FileSource
from app.media.sources import make_source


def test_a_number_is_a_camera_and_the_rest_a_file() -> None:
    assert isinstance(make_source("0"), CameraSource)
    assert isinstance(make_source(" 12 "), CameraSource)
    assert isinstance(make_source("clip.mp4"), FileSource)
    assert isinstance(make_source("~/clip.mp4"), FileSource)
    assert isinstance(make_source("0.mp4"), FileSource)
    assert isinstance(make_source("file:///tmp/clip.mp4"), FileSource)


@pytest.mark.parametrize("text", ["", "   ", "rtsp://user:secret@host/1", "http://x/y"])
def test_what_cannot_be_opened_yet_is_said_without_the_password(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        make_source(text)
    assert "secret" not in str(caught.value)
    assert caught.value.remedy
