"""A mobile client for tests against a real server: one connection and one account."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any

import orjson
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

PASSWORD = "quite-a-long-password-7"


class Client:
    """A client that registers an account when it is made."""

    def __init__(self, port: int, name: str = "ann") -> None:
        """Register ``name`` over a connection to a port of loopback."""
        self.line = HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers: dict[str, str] = {}
        person = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        _, tokens = self.call("POST", "auth/register/", orjson.dumps(person), "application/json")
        self.headers = {"Authorization": f"Bearer {tokens['access']}"}

    def call(
        self, method: str, path: str, body: bytes | None = None, content_type: str = ""
    ) -> tuple[int, Any]:
        """Make one call; return status and JSON."""
        headers = {**self.headers, "Content-Type": content_type} if content_type else self.headers
        self.line.request(method, f"/api/v1/{path}", body, headers)
        response = self.line.getresponse()
        content = response.read()
        return response.status, orjson.loads(content) if content else None

    def publish(self, content: bytes) -> tuple[int, Any]:
        """Send a photo; return status and JSON."""
        file = SimpleUploadedFile("photo", content, "application/octet-stream")
        body = encode_multipart(BOUNDARY, {"image": file})
        return self.call("POST", "photos/", body, MULTIPART_CONTENT)

    def is_published(self, photo_id: str) -> bool:
        """Tell whether a photo is there."""
        return self.call("GET", f"photos/{photo_id}/")[0] == 200

    def close(self) -> None:
        """Close the connection."""
        self.line.close()
