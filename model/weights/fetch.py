"""Downloads published weights, and believes them only when their hash is right."""

import hashlib
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from model.errors import BuildError

# A server that says nothing for so long is not coming back.
STALLED_S = 30.0
_CHUNK = 1 << 16


class FetchError(BuildError):
    """A download failed; what to do by hand."""


@dataclass(frozen=True, slots=True)
class Published:
    """One file on the web, pinned.

    Attributes:
        name: what the user types.
        url: https, of one commit.
        git_blob_id: what git calls the content: SHA-1 of a header and the content.
        title: what it is.
    """

    name: str
    url: str
    git_blob_id: str
    title: str

    @property
    def file_name(self) -> str:
        """The last part of the URL."""
        return self.url.rsplit("/", 1)[-1]


VOC0712 = Published(
    name="voc0712",
    url="https://raw.githubusercontent.com/chuanqi305/MobileNet-SSD/bb17b6c/"
    "mobilenet_iter_73000.caffemodel",
    git_blob_id="253e5012dd6a17666fd7ae16cfa14a6860280ff7",
    title="chuanqi305's MobileNet-SSD, VOC0712, mAP 72.7 (MIT)",
)
PUBLISHED = {VOC0712.name: VOC0712}


def fetch(
    published: Published,
    folder: Path,
    *,
    on_progress: Callable[[int, int | None], None] = lambda _done, _total: None,
    context: ssl.SSLContext | None = None,
    stalled_s: float = STALLED_S,
) -> Path:
    """The file in `folder`, downloaded unless it is there already.

    A download that broke off is taken up where it stopped.

    Args:
        published: what to fetch.
        folder: the cache; made if it is missing.
        on_progress: told the bytes there are and the bytes there will be.
        context: whom to trust; the system's authorities if None.
        stalled_s: give up when nothing comes for so long.

    Raises:
        FetchError: no network, a server that refuses, stalls or leads away from
            https, or a file that is not the one that was published.
    """
    path = folder / published.file_name
    part = path.with_name(path.name + ".part")
    by_hand = (
        f"Download {published.url} yourself, then run: "
        f"python build_model.py convert {published.file_name}"
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.is_file() and git_blob_id(path) == published.git_blob_id:
            return path
        _download(published.url, part, on_progress, context, stalled_s)
        found = git_blob_id(part)
        if found != published.git_blob_id:
            part.unlink()
            raise FetchError(
                f"What came from {published.url} is another file than was published "
                f"(git blob {found}, not {published.git_blob_id}); it was deleted.",
                by_hand,
            )
        os.replace(part, path)  # noqa: PTH105 - atomic everywhere
    except urllib.error.HTTPError as error:
        error.close()
        raise FetchError(
            f"The server answered {error.code} ({error.reason}) for {published.url}.",
            by_hand,
        ) from error
    except TimeoutError as error:
        raise FetchError(
            f"The server sent nothing for {stalled_s:g} seconds; what came is kept.",
            "Run the same command again to go on, or: " + by_hand,
        ) from error
    except urllib.error.URLError as error:
        raise FetchError(
            f"{published.url} cannot be reached ({error.reason}).", by_hand
        ) from error
    except (HTTPException, ConnectionError) as error:
        raise FetchError(
            f"The download broke off ({error}); what came is kept.",
            "Run the same command again to go on.",
        ) from error
    except OSError as error:
        raise FetchError(
            f"{part} cannot be written: {error.strerror}.", "Make room."
        ) from error
    return path


def git_blob_id(path: Path) -> str:
    """What git calls the content of `path`.

    Source: the git book, "Git Internals - Git Objects".
    """
    digest = hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % path.stat().st_size)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirect unless it leads away from https."""

    def redirect_request(self, *args: Any) -> urllib.request.Request | None:  # noqa: ANN401
        """Called with request, file, code, message, headers and the new URL."""
        if not args[-1].startswith("https://"):
            args[1].close()
            raise urllib.error.URLError(f"it leads to {args[-1]}, which is not https")
        return super().redirect_request(*args)


def _download(
    url: str,
    part: Path,
    on_progress: Callable[[int, int | None], None],
    context: ssl.SSLContext | None,
    stalled_s: float,
) -> None:
    if not url.startswith("https://"):
        raise urllib.error.URLError("it is not https")
    opener = urllib.request.build_opener(
        _HttpsOnly, urllib.request.HTTPSHandler(context=context)
    )
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url)
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        response = opener.open(request, timeout=stalled_s)
    except urllib.error.HTTPError as error:
        if error.code != 416:
            raise
        error.close()  # asked for more than there is: start again
        part.unlink()
        return _download(url, part, on_progress, context, stalled_s)
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise error.reason from error
        raise
    with response:
        if response.status != 206:  # the server sends it whole
            have = 0
        length = response.headers.get("Content-Length")
        total = have + int(length) if length else None
        with part.open("ab" if have else "wb") as file:
            on_progress(have, total)
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                have += len(chunk)
                on_progress(have, total)
    if total is not None and have < total:
        raise ConnectionError(f"{have} of {total} bytes came")
    return None
