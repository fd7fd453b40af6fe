"""One message to one device: encrypted for it, and handed to its push service.

The address of the service comes from a browser, which is to say from anybody. So it is HTTPS on its
own port, leads to a public address of the internet, which is asked when the connection is made and
not before; no redirect is followed, and nothing of the answer but its status is used.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import logging
import socket
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.core.exceptions import ValidationError

from social.notifications.push import keys

logger = logging.getLogger(__name__)

PORTS = {443}
ENDPOINT_LENGTH = 1000
# How long a push service keeps a message for a device that is switched off: then it is no news.
LIFETIME_SECONDS = 12 * 3600
CONNECT_SECONDS, READ_SECONDS = 3.0, 5.0
# Longest that a service can have us wait.
LONGEST_WAIT = 3600
# Certificates that are trusted beside those of the system; tests have their own.
CERTIFICATES: str | None = None


class Result(Enum):
    """What became of a message."""

    SENT = "sent"
    # The device is not there any more, or not for us.
    GONE = "gone"
    # The service is out of order, or has enough.
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Target:
    """A device, as its browser describes it."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Message:
    """What a device shows; of two with one ``tag`` the later takes the place of the former."""

    title: str
    body: str
    url: str
    tag: str

    @property
    def topic(self) -> str:
        """The tag as push services take it, who learn nothing by it."""
        digest = hashlib.sha256(self.tag.encode()).digest()
        return base64.urlsafe_b64encode(digest)[:32].decode()

    def as_json(self) -> bytes:
        """Return what is encrypted."""
        return orjson.dumps(
            {"title": self.title, "body": self.body, "url": self.url, "tag": self.tag}
        )


def validate(target: Target) -> None:
    """Raise ``ValidationError`` for what no browser gives: a sentence for a person."""
    if not (_is_possible(target.endpoint) and _are_keys(target)):
        raise ValidationError("This is not the address of a push service.", code="invalid")


def deliver(target: Target, messages: list[Message]) -> tuple[Result, int]:
    """Send messages to one device; return what became of them, and how many seconds to wait.

    The first that is not taken ends it. Raises nothing: whatever goes wrong out there is "later".
    """
    for message in messages:
        try:
            status, wait = _post(target, message)
        except Exception as error:  # noqa: BLE001 - any library, any network; the next device waits
            logger.info("No push to %s: %s", urlsplit(target.endpoint).hostname, error)
            return Result.LATER, 0
        # 403: it belongs to another key. 404 and 410: the person has ended it, or the browser has.
        if status in {403, 404, 410}:
            return Result.GONE, 0
        if not 200 <= status < 300:
            logger.info(
                "A push service answered %s: %s", status, urlsplit(target.endpoint).hostname
            )
            return Result.LATER, wait
    return Result.SENT, 0


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the internet, and none of a network of our own."""
    ip = ipaddress.ip_address(address)
    inside = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if ip in ipaddress.ip_network("64:ff9b::/96"):  # NAT64: the IPv4 address is its end
        inside = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return all(one.is_global and not one.is_multicast for one in (ip, inside or ip))


def _post(target: Target, message: Message) -> tuple[int, int]:
    """Send one message; return the status of the answer, and its ``Retry-After``."""
    from pywebpush import WebPusher

    pusher = WebPusher(
        {"endpoint": target.endpoint, "keys": {"p256dh": target.p256dh, "auth": target.auth}}
    )
    headers = {
        "Authorization": keys.authorization(target.endpoint),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(LIFETIME_SECONDS),
        "Topic": message.topic,
        "Urgency": "normal",
    }
    body = pusher.encode(message.as_json())["body"]
    with _pool(target.endpoint) as pool:
        # The body of the answer is not read.
        answer = pool.request(
            "POST",
            urlsplit(target.endpoint)._replace(scheme="", netloc="").geturl(),
            body=body,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
        )
        wait = answer.headers.get("Retry-After", "")
        return answer.status, min(int(wait), LONGEST_WAIT) if wait.isdecimal() else 0


def _pool(endpoint: str) -> Any:
    """Return the one connection to a push service: certificates checked, private addresses not."""
    from urllib3 import HTTPSConnectionPool, Timeout
    from urllib3.connection import HTTPSConnection
    from urllib3.util.connection import create_connection

    class PublicConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            """Connect to an address that is asked for now; it is checked, and then used."""
            return create_connection(
                (_public_address(self.host, self.port or 443), self.port or 443),
                CONNECT_SECONDS,
                socket_options=self.socket_options,
            )

    class PublicPool(HTTPSConnectionPool):
        ConnectionCls = PublicConnection

    service = urlsplit(endpoint)
    return PublicPool(
        service.hostname or "",
        service.port or 443,
        timeout=Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        cert_reqs="CERT_REQUIRED",
        ca_certs=CERTIFICATES,
        maxsize=1,
    )


def _public_address(host: str, port: int) -> str:
    """Return an address of ``host``; raises ``OSError`` unless all that it has are public."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(is_public(one) for one in addresses):
        raise OSError(f"{host} is not on the internet.")
    return addresses[0]


def _is_possible(endpoint: str) -> bool:
    if not endpoint.isascii() or not endpoint.isprintable() or len(endpoint) > ENDPOINT_LENGTH:
        return False
    try:
        service = urlsplit(endpoint)
        port = service.port or 443
    except ValueError:
        return False
    host = service.hostname or ""
    named = "." in host and not host.rpartition(".")[2].isdecimal() and ":" not in host
    return service.scheme == "https" and named and port in PORTS and "@" not in service.netloc


def _are_keys(target: Target) -> bool:
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        point, secret = (_decoded(one) for one in (target.p256dh, target.auth))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return len(point) == 65 and len(secret) == 16


def _decoded(text: str) -> bytes:
    return base64.b64decode(
        text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), b"-_", validate=True
    )
