"""Archives for tests: read, and held against the schema that is in them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
from django.core.files.storage import default_storage

from accounts.models import User
from social.portable import export
from social.portable.models import Export


def exported(user: User) -> zipfile.ZipFile:
    """Return the finished archive of a person, open."""
    found = export.ask(owner=user)
    assert found.state == Export.State.READY, found.reason
    return zipfile.ZipFile(Path(default_storage.path(found.archive)))


def document(archive: zipfile.ZipFile, name: str) -> Any:
    """Return one JSON file of an archive, which is as the schema in it says."""
    schema = json.loads(archive.read("archive.schema.json"))
    read = json.loads(archive.read(name))
    jsonschema.validate(read, {**schema, "$ref": f"#/$defs/{name}"})
    return read
