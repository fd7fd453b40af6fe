"""One person's visit from the registration to the deletion of the account, step by step.

It uses nothing but the site's API, and nobody sees anything of it afterwards: the account is hidden
at once with photo, likes and comments, and deleted with them when its days of grace are over.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from infra.doctor.findings import CheckDetail, Findings
from infra.lab.load.api_session import ApiSession, Refused
from infra.lab.load.pictures import BOUNDARY, MULTIPART, real_jpeg

AREA = "visit"
PUBLISHED_WITHIN = 60


@dataclass
class Visit(ApiSession):
    """The visit of a new person: each step is a few calls of the API."""

    name: str = field(default_factory=lambda: f"diagnostic{uuid.uuid4().hex[:10]}")
    password: str = field(default_factory=lambda: uuid.uuid4().hex)
    photo: dict[str, Any] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)  # a photo of another person, if any

    def steps(self) -> list[tuple[str, Callable[[CheckDetail], None]]]:
        """Return the steps in order, each with its name."""
        return [
            ("register", self._register),
            ("log in", self._step_log_in),
            ("read the feed", self._read_feed),
            ("look around", self._explore),
            ("open a photo", self._open_photo),
            ("like, and see it", self._like),
            ("follow, and see it", self._follow),
            ("comment, and see it", self._comment),
            ("upload a picture", self._upload),
            ("see it published", self._see_published),
            ("fetch its bytes", self._fetch),
            ("log out and in", self._log_out_and_in),
        ]

    def go(self, found: Findings) -> None:
        """Do all steps, a row for each; the account leaves whatever happens."""
        try:
            for name, step in self.steps():
                with found.checking(
                    AREA, name, "Look at the log of the site at this moment."
                ) as look:
                    step(look)
                if found.rows[-1].state == "problem" and name in {"register", "log in"}:
                    return
        finally:
            if self.token:
                with found.checking(AREA, "delete the account", f"Delete {self.name} by hand."):
                    self._delete()

    def _register(self, look: CheckDetail) -> None:
        values = {"username": self.name, "password": self.password}
        values["email"] = f"{self.name}@example.org"
        self.take_tokens(self.ask("POST", "/api/v1/auth/register/", values, expect=(201,)))
        look.detail = "with a password hash, which is slow on purpose"

    def _step_log_in(self, look: CheckDetail) -> None:
        self.log_in()
        look.detail = "with a password hash"

    def _read_feed(self, look: CheckDetail) -> None:
        page = self.ask("GET", "/api/v1/feed/")
        look.detail = f"{len(page['results'])} photos"

    def _explore(self, look: CheckDetail) -> None:
        photos = self.ask("GET", "/api/v1/explore/")["results"]
        self.other = photos[0] if photos else {}
        look.detail = f"{len(photos)} photos"

    def _open_photo(self, look: CheckDetail) -> None:
        if self._has_other(look):
            card = self.ask("GET", f"/api/v1/photos/{self.other['id']}/")
            if card["id"] != self.other["id"]:
                raise Refused("It is another photo.")

    def _like(self, look: CheckDetail) -> None:
        if self._has_other(look):
            path = f"/api/v1/photos/{self.other['id']}/"
            before = self.ask("GET", path)["like_count"]
            self.ask("PUT", f"{path}like/")
            card = self.ask("GET", path)
            if not card["liked"] or card["like_count"] <= before - 1:
                raise Refused("The like is not in the next read.")
            self.ask("DELETE", f"{path}like/", expect=(200, 204))

    def _follow(self, look: CheckDetail) -> None:
        if self._has_other(look):
            path = f"/api/v1/users/{self.other['author']['username']}/"
            self.ask("PUT", f"{path}follow/")
            if not self.ask("GET", path)["you_follow"]:
                raise Refused("The follow is not in the next read.")

    def _comment(self, look: CheckDetail) -> None:
        if self._has_other(look):
            path = f"/api/v1/photos/{self.other['id']}/comments/"
            comment = self.ask("POST", path, {"text": "A test of this site."}, expect=(201,))
            there = [row["id"] for row in self._rows(path)]
            self.ask("DELETE", f"{path}{comment['id']}/", expect=(204,))
            if comment["id"] not in there:
                raise Refused("The comment is not in the next read.")

    def _rows(self, path: str) -> list[dict[str, Any]]:
        """Return all rows of a list."""
        rows: list[dict[str, Any]] = []
        while path:
            page = self.ask("GET", path)
            rows += page["results"]
            path = page["next"]
            if path:
                parts = urlsplit(path)
                path = f"{parts.path}?{parts.query}"
        return rows

    def _has_other(self, look: CheckDetail) -> bool:
        if not self.other:
            look.detail = "left out: there is no photo yet"
        return bool(self.other)

    def _upload(self, look: CheckDetail) -> None:
        head = (
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
            'name="image"; filename="test.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        )
        picture = real_jpeg((1200, 900), 1)
        body = head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()
        self.photo = self.ask(
            "POST", "/api/v1/photos/", body=body, content_type=MULTIPART, expect=(201, 202)
        )
        look.detail = f"{len(picture) // 1000} kB"

    def _see_published(self, look: CheckDetail) -> None:
        if not self.photo:
            raise Refused("There was no upload.")
        end = time.monotonic() + PUBLISHED_WITHIN
        while True:
            path = f"/api/v1/photos/{self.photo['id']}/"
            card = self.ask("GET", path, expect=(200, 404))
            if "sources" in card:
                break
            if time.monotonic() > end:
                raise Refused(f"Not published after {PUBLISHED_WITHIN} s: does the worker run?")
            time.sleep(0.2)
        self.photo = card
        if card["id"] not in [row["id"] for row in self.ask("GET", "/api/v1/feed/")["results"]]:
            raise Refused("It is not in one's own feed.")
        look.detail = f"{len(card['sources'])} sizes, in one's own feed"

    def _fetch(self, look: CheckDetail) -> None:
        if not self.photo.get("sources"):
            raise Refused("There is no picture to fetch.")
        url = self.photo["sources"][0]["url"]
        content = self.ask("GET", url)
        if content[8:12] != b"WEBP":
            raise Refused("It is no WebP picture.")
        look.detail = f"{len(content) // 1000} kB"

    def _log_out_and_in(self, look: CheckDetail) -> None:
        self.ask("POST", "/api/v1/auth/logout/", {"refresh": self.refresh}, expect=(204,))
        self._step_log_in(look)

    def _delete(self) -> None:
        self.ask("DELETE", "/api/v1/me/", {"password": self.password}, expect=(204,))
        self.token = ""
        if self.photo:
            self.ask("GET", f"/api/v1/photos/{self.photo['id']}/", expect=(401, 403, 404))
