"""An authenticator of WebAuthn in software: what a phone or a security key would answer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

_FLAG = AuthenticatorData.FLAG


@dataclass
class Authenticator:
    """One key. ``counter`` is ``None`` for those that count nothing."""

    verifies: bool = True
    counter: int | None = None
    origin: str = ""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    user_handle: str = ""

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer the question to hold a passkey."""
        self.user_handle = options["user"]["id"]
        key = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, key)
        data = self._data(options["rp"]["id"], _FLAG.AT, credential)
        client = self._client_data("webauthn.create", options)
        attestation = AttestationObject.create("none", data, {})
        return self._answer(
            clientDataJSON=client.b64, attestationObject=websafe_encode(attestation)
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer the question to log in."""
        data = self._data(options["rpId"], _FLAG(0))
        client = self._client_data("webauthn.get", options)
        signature = self.key.sign(data + client.hash, ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client.b64,
            authenticatorData=websafe_encode(data),
            signature=websafe_encode(signature),
            userHandle=self.user_handle,
        )

    def _data(self, rp_id: str, flags: Any, credential: Any = b"") -> AuthenticatorData:
        if self.counter is not None:
            self.counter += 1
        flags |= _FLAG.UP | (_FLAG.UV if self.verifies else _FLAG(0))
        hashed = sha256(rp_id.encode())
        data: AuthenticatorData = AuthenticatorData.create(
            hashed, flags, self.counter or 0, credential
        )
        return data

    def _client_data(self, kind: str, options: dict[str, Any]) -> CollectedClientData:
        challenge = websafe_decode(options["challenge"])
        return CollectedClientData.create(kind, challenge, self.origin or settings.SITE_URL)

    def _answer(self, **response: str) -> dict[str, Any]:
        name = websafe_encode(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
