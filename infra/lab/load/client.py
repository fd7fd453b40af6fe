"""The HTTP client of a simulated person: each request is counted, with its outcome."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

import gevent
import orjson
from geventhttpclient.url import URL
from locust import FastHttpUser
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS

from infra.lab.load import response_checks
from infra.lab.load.response_checks import decoded
from infra.lab.load.shared_state import SharedState
from infra.lab.load.spec import COMMENT, PAGE_PICTURE

JSON = "application/json"
PICTURE_HEADERS = ("content-length", "cache-control", "etag")


class Response(NamedTuple):
    """What came back for one request, and why it is a failure, if it is."""

    status: int
    body: bytes
    began: float
    ended: float
    cause: str

    @property
    def open(self) -> bool:
        """Whether a failed write may have happened: no answer, or a 5xx."""
        return self.status == 0 or self.status >= 500


class ApiUser(FastHttpUser):
    """A Locust user with a connection, a token and random numbers of its own (from the seed)."""

    abstract = True
    shared: SharedState

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.number = next(self.shared.numbers)
        self.dice = random.Random(f"{self.shared.load.seed}/{self.number}")
        self.name = self.token = ""
        # When the next request was meant to be sent, in an open loop; 0: when it is sent.
        self.intended = 0.0
        self._url: URL | None = None

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = JSON,
        expect: Sequence[int] = (200,),
        key: str = "",
    ) -> Response:
        """Send one request and return the answer; ``key`` is an idempotency key.

        The answer has a cause where its status is not in ``expect``; nothing is raised for it.
        """
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["Content-Type"] = content_type
        if key:
            headers["Idempotency-Key"] = key
        began, self.intended = self.intended or time.perf_counter(), 0.0
        send: Any = self.client.request  # its types know no bytes
        response = send(method, path, operation, data=body, headers=headers)
        status, error = response.status_code or 0, repr(getattr(response, "error", ""))
        try:
            content = response.content or b""
        except FAILURE_EXCEPTIONS as broken:
            status, content, error = 0, b"", repr(broken)
        if status and response_checks.is_cut(response.headers, content):
            status, error = 0, "cut"
        ended = time.perf_counter()
        self.shared.tally.received += len(content)
        self.shared.tally.sent += len(body or b"")
        if status == 401:
            self.token = ""  # the next act logs in again
            self.shared.tokens.pop(self.name, None)
        cause = response_checks.of_status(status, content, error, expect)
        if cause == "503" and "retry-after" not in response.headers:
            cause = response_checks.NO_RETRY_AFTER
        return Response(status, content, began, ended, cause)

    def load_picture(self, path: str, tag: str) -> tuple[str, str]:
        """Load one picture, count it, and return its ``Cache-Control`` and its entity tag.

        ``tag`` is that of the copy that is asked about, empty for none. Both are empty if the
        picture did not come. Past Locust's session, whose own work costs more than such an answer.
        """
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if tag:
            headers["If-None-Match"] = tag
        connections = self.client.client.clientpool
        began = time.perf_counter()
        try:
            response = connections.get_client(self._site()).get(path, headers)
            status, body = response.status_code, response.read()
        except FAILURE_EXCEPTIONS as broken:
            cause = response_checks.of_connection(repr(broken))
            self.shared.tally.add(PAGE_PICTURE, began=began, ended=time.perf_counter(), cause=cause)
            return "", ""
        ended = time.perf_counter()
        self.shared.tally.received += len(body)
        told = {name: str(response.get(name) or "") for name in PICTURE_HEADERS}
        cause = response_checks.picture_fault(status, told["content-length"], body, tag)
        sample = response_checks.in_short(bytes(body)) if cause else ""
        self.shared.tally.add(PAGE_PICTURE, began=began, ended=ended, cause=cause, sample=sample)
        if cause:
            return "", ""
        return told["cache-control"], told["etag"]

    def count(self, operation: str, answer: Response, cause: str = "") -> bool:
        """Count a request and return whether it succeeded; ``cause`` says what is wrong with it."""
        cause = answer.cause or cause
        sample = response_checks.in_short(answer.body) if cause else ""
        self.shared.tally.add(
            operation, began=answer.began, ended=answer.ended, cause=cause, sample=sample
        )
        return not cause

    def write(
        self, operation: str, method: str, path: str, values: Any, *, expect: Sequence[int] = (200,)
    ) -> Any:
        """Send ``values`` as JSON and return the JSON of a good answer, else ``None``."""
        body = None if values is None else orjson.dumps(values)
        key = self._key() if operation == COMMENT else ""
        return self.send(operation, method, path, body=body, expect=expect, key=key)

    def send(self, operation: str, method: str, path: str, *, key: str, **parts: Any) -> Any:
        """Send a write and return the JSON of a good answer, else ``None``.

        5xx and lost connections leave open whether it happened: with a key it can be sent again.
        """
        answer = self.call(operation, method, path, key=key, **parts)
        content = decoded(answer.body) if answer.body and not answer.cause else {}
        fault = f"{response_checks.WRONG}no JSON" if content is None else ""
        if self.count(operation, answer, fault):
            return content
        if key and answer.open and self.shared.load.send_again and not self.shared.over:
            gevent.sleep(1)
            answer = self.call(operation, method, path, key=key, **parts)
            if self.count(operation, answer):
                return decoded(answer.body)
        self.shared.history.unknown += answer.open
        return None

    def _site(self) -> URL:
        if self._url is None:
            self._url = URL(str(self.host))
        return self._url

    def _key(self) -> str:
        return f"{self.shared.mark}-{uuid.UUID(int=self.dice.getrandbits(128)).hex}"
