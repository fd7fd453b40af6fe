"""Archives for tests: made, read, and held against the schema that is in them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
from django.core.files.storage import default_storage

from accounts.models import User
from photos.models import Photo
from social.portable import export
from social.portable.importing import Choices, Outcome, bring, open_archives
from social.portable.models import Export


def exported(user: User) -> zipfile.ZipFile:
    """Return the finished archive of a person, open."""
    return zipfile.ZipFile(exported_path(user))


def exported_path(user: User) -> Path:
    """Return where the finished archive of a person is."""
    found = export.ask(owner=user)
    assert found.state == Export.State.READY, found.reason
    return Path(default_storage.path(found.archive))


def document(archive: zipfile.ZipFile, name: str) -> Any:
    """Return one JSON file of an archive, which is as the schema in it says."""
    schema = json.loads(archive.read("archive.schema.json"))
    read = json.loads(archive.read(name))
    jsonschema.validate(read, {**schema, "$ref": f"#/$defs/{name}"})
    return read


def packed(path: Path, entries: Mapping[str, Any]) -> Path:
    """Write a ZIP file of these entries: bytes as they are, all else as JSON."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            whole = content if isinstance(content, bytes) else json.dumps(content).encode()
            archive.writestr(name, whole)
    return path


def brought(author: User, *paths: Path, **options: Any) -> Outcome:
    """Import archives; what was found is what became of it."""
    names = [name for name in ("show_unknown", "alone", "zone") if name in options]
    choices = {name: options.pop(name) for name in names}
    with open_archives(paths) as archive:
        outcome = bring(archive, author=author, choices=Choices(**choices), **options)
    assert outcome.found == outcome.imported + outcome.already + len(outcome.refused)
    return outcome


def photos_of(author: User) -> list[Photo]:
    """Return the photos of somebody, the oldest first."""
    return list(Photo.objects.by(author).order_by("pk"))
