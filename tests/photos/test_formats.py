"""Which formats a site takes: HEIC only where the library that decodes it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from photos import formats
from tests.source import PROJECT

WITHOUT_HEIC = """
import io, json, sys
sys.modules["pillow_heif"] = None
import django
django.setup()
from photos import formats, images
from photos.refusals import ImageRejected
refused = {}
for brand in (b"heic", b"mif1", b"avif"):
    try:
        images.check(io.BytesIO(b"\\0\\0\\0\\x14ftyp" + brand + bytes(4) + brand + bytes(999)))
    except ImageRejected as error:
        refused[brand.decode()] = error.message
print(json.dumps([refused, formats.ACCEPTED_TYPES, formats.ACCEPT]))
"""


def test_heic_is_accepted_where_it_can_be_decoded() -> None:
    assert "image/heic" in formats.ACCEPTED_TYPES
    assert ".heic" in formats.ACCEPT
    assert str(formats.NAMES) == "JPEG, PNG, WebP, AVIF, HEIC or GIF"


def test_without_its_library_heic_is_refused_in_words_and_offered_nowhere() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "minigram_site.settings"}
    command = [sys.executable, "-c", WITHOUT_HEIC]
    run = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, check=True)
    refused, types, endings = json.loads(run.stdout)
    sentence = "This is a HEIC picture. Upload a JPEG, PNG, WebP, AVIF or GIF file."
    assert refused == {"heic": sentence, "mif1": sentence}
    assert {*formats.ACCEPTED_TYPES} - {*types} == {"image/heic", "image/heif"}
    assert endings == "image/*,.avif,.mpo"
