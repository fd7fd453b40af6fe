"""The fast path of pictures: their bytes are sent before Django.

``Pictures`` is WSGI middleware (``minigram_site.wsgi``). A picture that everybody may see is linked
(``minigram_site.storage.public_links``): the link is opened, no question is asked. Behind nginx,
which looks at the links itself, that step is left out. A private picture costs the one statement of
``photos.files.access``. Everything else goes to Django unchanged: a picture that is not linked yet,
a refusal, a bucket, an unusual request, a failing database.

The headers that all answers of the site have are not written a second time but learned from
Django, whose first answer for a host and scheme is kept; so it also decides which hosts there are.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable
from io import FileIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from minigram_site.counters import ANSWERS
from minigram_site.db import release_connections
from minigram_site.fields.snowflake import decode
from minigram_site.storage import public_links
from minigram_site.web import read_your_writes
from photos.files import http
from photos.files.access import private_file

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
HeadKey = tuple[Any, ...]

logger = logging.getLogger(__name__)

# Names as this site gives them: no path leads out of the folder of links.
_ADDRESS = re.compile(
    r"/media/(photos|avatars)/([1-9A-HJ-NP-Za-km-z]{1,11})/([0-9A-Za-z_-]{1,100}\.(?:webp|jpg))"
)
# What the headers of a response depend on, beside the file.
_HEAD_INPUTS = ("HTTP_HOST", "wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO")
_UNUSUAL = ("HTTP_TRANSFER_ENCODING", "CONTENT_LENGTH", "SCRIPT_NAME")
# Real clients differ in a few hosts; beyond this it is somebody probing.
_MAX_HEADS = 256
# Headers that belong to one file or one way of sending it.
_OF_ONE_FILE = {
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-length",
    "content-range",
    "content-type",
    "etag",
    "last-modified",
    "x-accel-redirect",
    "x-picture-cache-control",
}
_PUBLIC, _PRIVATE = ("Cache-Control", http.PUBLIC), ("Cache-Control", http.PRIVATE)
_BLOCK = 256 * 1024
# Those that are sent by links are counted nowhere: nginx does not either.
_count_asked = ANSWERS.labels("picture", "sql").inc


class Pictures:
    """WSGI middleware: sends pictures itself, hands everything else to Django."""

    def __init__(self, django: Application) -> None:
        """Wrap the WSGI application ``django``."""
        self._django = django
        self._heads: dict[HeadKey, Headers] = {}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request: no query if the picture is public, one or two if private."""
        address = _ADDRESS.fullmatch(environ["PATH_INFO"])
        if address is None or not _is_usual(environ) or (links := public_links.folder()) is None:
            return self._django(environ, start_response)
        key = tuple(map(environ.get, _HEAD_INPUTS))
        if (head := self._heads.get(key)) is None:
            return self._django(environ, self._learning(key, start_response))
        if not settings.MEDIA_ACCEL_PREFIX and (file := _opened(links, address[0])):
            return self._send(file, environ, start_response, [*head, _PUBLIC])
        if name := _private_name(environ, address):
            _count_asked()
            if settings.MEDIA_ACCEL_PREFIX:
                return _accelerate(name, start_response, head)
            if file := _opened(links.parent, f"/{name}"):
                return self._send(file, environ, start_response, [*head, _PRIVATE])
        return self._django(environ, start_response)

    def _send(
        self, file: FileIO, environ: Environ, start_response: StartResponse, head: Headers
    ) -> Iterable[bytes]:
        """Send the file, the part of it that is asked for, or word that the client has it."""
        name = environ["PATH_INFO"].rpartition("/")[2]
        etag = http.etag_of(name)
        held = environ.get("HTTP_IF_NONE_MATCH", "")
        if held and http.has_it(held, etag):
            file.close()
            start_response("304 Not Modified", [*head, ("ETag", etag)])
            return []
        size = os.fstat(file.fileno()).st_size
        is_get = environ["REQUEST_METHOD"] == "GET"
        asked = environ.get("HTTP_RANGE", "") if is_get else ""
        part = http.asked_part(asked, environ.get("HTTP_IF_RANGE", ""), etag, size)
        if part is not None and not part:
            file.close()
            return self._django(environ, start_response)
        headers = [
            *head,
            ("ETag", etag),
            ("Content-Type", http.content_type(name)),
            ("Content-Length", str(size if part is None else len(part))),
            ("Accept-Ranges", "bytes"),
        ]
        if part is None:
            headers.append(("Content-Disposition", f'inline; filename="{name}"'))
        else:
            headers.append(("Content-Range", f"bytes {part[0]}-{part[-1]}/{size}"))
        start_response("200 OK" if part is None else "206 Partial Content", headers)
        if part is None and is_get and "wsgi.file_wrapper" in environ:
            return cast(Iterable[bytes], environ["wsgi.file_wrapper"](file, _BLOCK))
        with file:
            return [_part_of(file, part or range(size))] if is_get else []

    def _learning(self, key: HeadKey, start_response: StartResponse) -> StartResponse:
        """Return a ``start_response`` that keeps the headers of a picture that was sent."""

        def start(status: str, headers: Headers, *error: Any) -> Any:
            names = {name.lower() for name, _ in headers}
            if status == "200 OK" and "etag" in names and "set-cookie" not in names:
                if len(self._heads) >= _MAX_HEADS:
                    self._heads.clear()
                self._heads[key] = [one for one in headers if one[0].lower() not in _OF_ONE_FILE]
            return start_response(status, headers, *error)

        return start


def _is_usual(environ: Environ) -> bool:
    return environ["REQUEST_METHOD"] in {"GET", "HEAD"} and not any(map(environ.get, _UNUSUAL))


def _opened(folder: Path, path: str) -> FileIO | None:
    """Return the open file; ``None`` without one, or where it cannot be opened: Django says why."""
    try:
        return FileIO(f"{folder}{path}")
    except OSError:
        return None


def _private_name(environ: Environ, address: re.Match[str]) -> str | None:
    """Return the storage name of a private photo's file; ``None`` where Django has to answer."""
    authorization, cookies = (
        environ.get(f"HTTP_{name}", "") for name in ("AUTHORIZATION", "COOKIE")
    )
    if address[1] != public_links.PHOTOS or not (authorization or cookies):
        return None
    try:
        photo_id = decode(address[2])
        with read_your_writes.read_only_request(""):
            return private_file(authorization, cookies, photo_id, address[3])
    except (DatabaseError, InterfaceError, ValueError):
        return None
    except Exception:
        # A bug here must cost speed only: Django answers.
        logger.exception("The fast path has failed at %s.", environ["PATH_INFO"])
        return None
    finally:
        release_connections()


def _accelerate(name: str, start_response: StartResponse, head: Headers) -> Iterable[bytes]:
    """Tell nginx which file to send."""
    start_response(
        "200 OK",
        [
            *head,
            ("Content-Type", http.content_type(name)),
            ("Content-Length", "0"),
            ("ETag", http.etag_of(name)),
            ("X-Accel-Redirect", settings.MEDIA_ACCEL_PREFIX + quote(name)),
            ("X-Picture-Cache-Control", http.PRIVATE),
        ],
    )
    return []


def _part_of(file: FileIO, part: range) -> bytes:
    file.seek(part.start)
    return file.read(len(part))
