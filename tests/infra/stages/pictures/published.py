"""A photo of somebody new on a running stage, and strangers who ask for its bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from infra.cluster import Cluster
from tests.factories import picture
from tests.infra.client import PASSWORD, Client
from tests.infra.stages.clients import INSTANCES, until


@dataclass
class Author:
    """Somebody who has just registered and published a photo."""

    cluster: Cluster
    client: Client
    name: str
    photo: dict[str, Any]

    @property
    def path(self) -> str:
        """The address of the smallest size."""
        return str(urlsplit(self.photo["sources"][0]["url"]).path)

    @property
    def token(self) -> dict[str, str]:
        """The header that shows who it is."""
        return dict(self.client.headers)

    def go_private(self) -> None:
        """Make the account private."""
        self.set_private(private=True)

    def set_private(self, *, private: bool) -> None:
        """Make the account private or public."""
        assert self._call("PATCH", "me/", {"is_private": private}) == 200

    def delete_photo(self) -> None:
        """Delete the photo."""
        assert self._call("DELETE", f"photos/{self.photo['id']}/") == 204

    def restore_photo(self) -> None:
        """Bring the photo back that was deleted."""
        assert self._call("POST", f"me/deleted/{self.photo['id']}/restore/") == 200

    def delete_account(self) -> None:
        """Delete the account."""
        assert self._call("DELETE", "me/", {"password": PASSWORD}) == 204

    def be_suspended(self) -> None:
        """Let an operator suspend the account."""
        self.ask(
            "from accounts.models import User; from accounts.services import suspend; "
            f"suspend(user=User.objects.get(username='{self.name}'))"
        )

    def ask(self, code: str) -> str:
        """Run some lines of Python in the site and return what they print."""
        return self.cluster.manage("shell", "--no-imports", "-c", code).strip()

    def send_draft(self) -> str:
        """Send a picture that is not published; return the id of the upload once it is ready."""
        file = SimpleUploadedFile("draft", picture(), "application/octet-stream")
        body = encode_multipart(BOUNDARY, {"image": file})
        status, media = self.client.call("POST", "media/", body, MULTIPART_CONTENT)
        assert status in {200, 202}
        until(lambda: self.client.call("GET", f"media/{media['id']}/")[0] == 200, 60)
        return str(media["id"])

    def _call(self, method: str, path: str, values: Any = None) -> int:
        body = None if values is None else orjson.dumps(values)
        return self.client.call(method, path, body, "application/json" if body else "")[0]


@contextmanager
def author_on(cluster: Cluster) -> Iterator[Author]:
    """Let somebody register and publish a photo on this stage."""
    name = f"ann{time.time_ns()}"
    with closing(Client(cluster.port, name)) as client:
        status, photo = client.publish(picture())
        assert status in {201, 202}
        until(lambda: client.is_published(photo["id"]), 60)
        _, photo = client.call("GET", f"photos/{photo['id']}/")
        yield Author(cluster, client, name, photo)


@contextmanager
def doors(cluster: Cluster) -> Iterator[dict[str, httpx.Client]]:
    """Yield a client of the front and, behind nginx, one of each instance."""
    with ExitStack() as stack:
        found = {"front": httpx.Client(base_url=cluster.url, trust_env=False, timeout=60)}
        if cluster.state.stage >= 3:
            found |= {
                name: httpx.Client(
                    base_url=cluster.url,
                    transport=httpx.HTTPTransport(uds=cluster.part(name).socket),
                    timeout=60,
                )
                for name in INSTANCES
            }
        for client in found.values():
            stack.enter_context(client)
        yield found
