"""The environment variables that are read, and those that only look as if they were.

An environment holds much that is not ours. A variable counts as meant for the site if it is nearly
the name of one that is read, begins as several of ours do, or is the name of a setting of Django's,
none of which is read from the environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from django.conf import global_settings

from infra.project import PROJECT

EXAMPLE = PROJECT / "infra" / "example.env"
# Read beside the site's own: by gunicorn.conf.py, and by the scripts of this folder.
OF_SERVERS = frozenset(
    {
        "ACCESS_LOG",
        "BIND",
        "EDGE",
        "HOST",
        "INSTANCES",
        "PIN_WORKERS",
        "PORT",
        "THREADS",
        "WEB_CONCURRENCY",
    }
)
# Of others, and like ours: systemd's, where a unit has a cache.
OF_OTHERS = frozenset({"CACHE_DIRECTORY"})
NEAR = 0.8
# First words of ours with which variables of many other programs begin too.
_COMMON = {"ACCESS", "DATA", "LOG", "MAX", "PIN", "WEB"}


def site_variables() -> set[str]:
    """Return the names in ``infra/example.env``; a test keeps them equal to those that are read."""
    return set(re.findall(r"^([A-Z][A-Z0-9_]*)=", EXAMPLE.read_text(), re.MULTILINE))


def unread(names: Iterable[str]) -> dict[str, str]:
    """Return those of ``names`` that look like the site's and are read by nothing.

    Each with the name that was probably meant, or an empty text where none is near.
    """
    known = site_variables() | OF_SERVERS
    others = sorted(set(names) - known - OF_OTHERS)
    return {name: _meant(name, known) for name in others if _looks_like_ours(name, known)}


def _looks_like_ours(name: str, known: set[str]) -> bool:
    starts = {each.partition("_")[0] for each in known if "_" in each} - _COMMON | {"MINIGRAM"}
    first, _, rest = name.partition("_")
    return bool(
        (rest and first in starts)
        or any(each.startswith(f"{name}_") for each in known if first in starts)
        or get_close_matches(name, _long(known), n=1, cutoff=NEAR)
        or (name.isupper() and hasattr(global_settings, name))
    )


def _meant(name: str, known: set[str]) -> str:
    longer = sorted(each for each in known if each.startswith(f"{name}_"))
    bare = name.removeprefix("MINIGRAM_")
    return next(iter([*longer, *get_close_matches(bare, _long(known), n=1, cutoff=0.6)]), "")


def _long(names: set[str]) -> list[str]:
    """Return the names that are long enough for a likeness to mean something; not ``HOST``."""
    return sorted(name for name in names if len(name) > 4)
