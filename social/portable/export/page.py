"""The page in an archive: what is in it, for people, who open it without a network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.dateparse import parse_datetime

from accounts.models import User
from social.portable.export import contents

PAGE, STYLES, SCHEMA = "index.html", "style.css", "archive.schema.json"
_FOOT = "</ol></main></body></html>\n"


def styles() -> str:
    """Return the style sheet of the page."""
    return render_to_string("social/portable/archive.css")


def parts(user: User, exported_at: datetime, photos: Iterator[contents.Row]) -> Iterator[str]:
    """Yield the page in parts, in the language of ``user``; ``photos`` as in ``contents``."""
    context = {
        "profile": contents.profile(user),
        "head": contents.head(user, exported_at),
        "exported_at": exported_at,
        "files": ["originals/", "profile.json", "settings.json", *contents.LISTS, SCHEMA],
    }
    with translation.override(user.language or "en"):
        yield render_to_string("social/portable/archive.html", context)
        while some := list(islice(photos, contents.CHUNK)):
            shown = [{**one, "moment": parse_datetime(one["created_at"])} for one in some]
            yield render_to_string("social/portable/_archive_photos.html", {"photos": shown})
    yield _FOOT
