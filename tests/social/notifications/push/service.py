"""A push service of the tests' own: HTTPS on this machine, which decrypts what it is sent."""

from __future__ import annotations

import base64
import json
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import http_ece
import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import Client

from social.models import PushDevice
from social.notifications.push.sending import Target

HOST = "push.example.org"


def encoded(data: bytes) -> str:
    """Return bytes as the Push API has them."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Device:
    """A browser: its keys, and what it was sent, decrypted."""

    path: str
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))
    # What the service answers, one after the other; 201 when there is nothing left.
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    received: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def target(self, port: int) -> Target:
        """Return how the browser describes itself."""
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return Target(f"https://{HOST}:{port}{self.path}", encoded(point), encoded(self.secret))

    def decrypted(self, body: bytes) -> dict[str, str]:
        """Return what a message says to this device (RFC 8291)."""
        plain = http_ece.decrypt(
            body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        found: dict[str, str] = json.loads(plain)
        return found

    @property
    def bodies(self) -> list[str]:
        """The sentences that it has shown."""
        return [one["body"] for one in self.received]


@dataclass
class PushService:
    """The service: its port, its certificate, its devices by their paths."""

    port: int
    certificate: str
    devices: dict[str, Device] = field(default_factory=dict)

    def device(self, *answers: int | tuple[int, dict[str, str]]) -> Device:
        """Return a new device."""
        made = Device(f"/send/{len(self.devices)}")
        made.answers = [one if isinstance(one, tuple) else (one, {}) for one in answers]
        self.devices[made.path] = made
        return made

    def key_of(self, authorization: str) -> dict[str, Any]:
        """Return what a VAPID header claims, its signature checked (RFC 8292)."""
        scheme, _, rest = authorization.partition(" ")
        assert scheme.lower() == "vapid"
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        point = base64.urlsafe_b64decode(parts["k"] + "=" * (-len(parts["k"]) % 4))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims: dict[str, Any] = jwt.decode(
            parts["t"], key, algorithms=["ES256"], audience=f"https://{HOST}:{self.port}"
        )
        return claims


@contextmanager
def running(folder: Path) -> Iterator[PushService]:
    """Run a push service, for the body of the ``with``."""
    certificate, key = _certificate(folder)
    service = PushService(0, str(certificate))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            device = service.devices[self.path]
            status, headers = device.answers.pop(0) if device.answers else (201, {})
            device.headers.append(dict(self.headers.items()))
            if status < 300:
                device.received.append(device.decrypted(body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(built.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def turn_on(browser: Client, server: PushService, device: Device) -> None:
    target = device.target(server.port)
    body = {"endpoint": target.endpoint, "p256dh": target.p256dh, "auth": target.auth}
    answer = browser.post("/settings/notifications/device/", body)
    assert answer.status_code == 204, answer.content
    PushDevice.objects.update(sent_up_to=0)
