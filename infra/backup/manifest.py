"""Manifests: what a backup consists of, and of which site and moment it is.

The manifest is never encrypted, and says nothing of people: objects, sizes and checksums as they
lie in the place, versions and migrations. Names of files and numbers of rows are in ``Contents``,
which is encrypted as the database is.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from infra.backup.errors import BackupError
from infra.backup.places import Place

FORMAT = 1
BACKUPS, MEDIA = "backups", "media"
_MOMENT = "%Y-%m-%dT%H-%M-%S.%fZ"


@dataclass(frozen=True)
class Piece:
    """An object in the place: its size and SHA-256 as it lies there."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Contents:
    """What of the site is in a backup: each picture's name with its object, and rows by table."""

    files: dict[str, str]
    rows: dict[str, int]
    # Pictures that rows name and that were in the storage at no time: lost before the backup.
    missing: list[str]


@dataclass(frozen=True)
class Manifest:
    """One backup."""

    moment: str
    version: str
    # "sqlite" or "postgresql", its version, and that of the program that made the dump
    vendor: str
    server: str
    dumped_by: str
    sealed_by: str
    key: str
    migrations: list[list[str]]
    database: Piece
    contents: Piece
    media: dict[str, Piece] = field(default_factory=dict)
    format: int = FORMAT

    def name(self, part: str) -> str:
        """Return the name that a part of this backup has in the place."""
        return f"{BACKUPS}/{self.moment}/{part}"

    def pieces(self) -> dict[str, Piece]:
        """Return all objects by name, the manifest itself left out."""
        parts = {self.name("database"): self.database, self.name("contents"): self.contents}
        return parts | {object_name(key): piece for key, piece in self.media.items()}


def now() -> str:
    """Return the name of a backup that is begun now; names are in the order of time."""
    return datetime.now(UTC).strftime(_MOMENT)


def time_of(moment: str) -> datetime:
    """Return when the backup with this name was begun. Raises ``ValueError`` if it is none."""
    return datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC)


def object_name(key: str) -> str:
    """Return the name of a picture's object in the place."""
    return f"{MEDIA}/{key[:2]}/{key}"


def secret_mark(secret: str | bytes = "") -> str:
    """Return what tells a secret from others, and does not tell it: ``SECRET_KEY`` if left out."""
    mark = salted_hmac(
        "infra.backup.secret", "mark", secret=secret or settings.SECRET_KEY, algorithm="sha256"
    )
    return mark.hexdigest()[:32]


def write(place: Place, manifest: Manifest) -> None:
    """Write the manifest, which makes the backup one. Raises ``OSError``."""
    values = asdict(manifest)
    values["checksum"] = _checksum(values)
    content = json.dumps(values, sort_keys=True, indent=0).encode()
    place.write(manifest.name("manifest.json"), io.BytesIO(content))


def read(place: Place, moment: str) -> Manifest:
    """Return the manifest of a backup. Raises ``BackupError`` if it is damaged or too new."""
    try:
        with place.open(f"{BACKUPS}/{moment}/manifest.json") as file:
            values = json.loads(file.read())
        checksum = values.pop("checksum")
        if values["format"] != FORMAT:
            raise BackupError(f"The backup {moment} is of newer code: update MiniGram first.")
        if checksum != _checksum(values):
            raise ValueError(moment)
        for name in ("database", "contents"):
            values[name] = Piece(**values[name])
        values["media"] = {key: Piece(**piece) for key, piece in values["media"].items()}
        return Manifest(**values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(f"The manifest of {moment} is damaged: use another backup.") from error


def moments(place: Place) -> list[str]:
    """Return the moments of all complete backups in a place, the oldest first."""
    names = place.sizes(f"{BACKUPS}/")
    return sorted(name.split("/")[1] for name in names if name.endswith("/manifest.json"))


def site_version() -> str:
    """Return the version of this code."""
    return str(settings.VERSION)


def _checksum(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
