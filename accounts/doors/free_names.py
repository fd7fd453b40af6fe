"""Names that are free: what sign-up would say of one while somebody types, and others like it.

Nothing is told here that sign-up itself does not tell. Whether a name is free is decided by the
statement that takes it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.doors.names import refuse_reserved
from accounts.models import USERNAME_RULE, FormerName, User

SHORTEST, LONGEST = 2, 30
SUGGESTED = 3


class NameState(NamedTuple):
    """Whether a name is free, the sentence that says so, and free names where it is taken."""

    is_free: bool
    sentence: str
    suggestions: Sequence[str] = ()


def state_of(name: str) -> NameState:
    """Return what sign-up would say of ``name``. At most two queries, four where it is taken."""
    name = name.strip().lower()
    if fault := _fault(name):
        return NameState(is_free=False, sentence=fault)
    if name in _taken([name]):
        sentence = _("@%(name)s is taken.") % {"name": name}
        return NameState(is_free=False, sentence=sentence, suggestions=suggestions_for(name))
    return NameState(is_free=True, sentence=_("@%(name)s is free.") % {"name": name})


def suggestions_for(name: str, size: int = SUGGESTED) -> list[str]:
    """Return up to ``size`` free names that are like ``name``. Two queries."""
    wanted = [one for one in dict.fromkeys(_alike(name)) if not _fault(one)]
    taken = _taken(wanted)
    return [one for one in wanted if one not in taken][:size]


def _fault(name: str) -> str:
    """Return why nobody may have this name, or nothing. No query."""
    if not SHORTEST <= len(name) <= LONGEST:
        return _("Use %(shortest)d to %(longest)d characters.") % {
            "shortest": SHORTEST,
            "longest": LONGEST,
        }
    try:
        USERNAME_RULE(name)
        refuse_reserved(name)
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def _taken(names: Collection[str]) -> set[str]:
    """Return which of these names somebody has, or had lately. Two queries."""
    held = FormerName.objects.filter(username__in=names, ends_at__gt=timezone.now())
    had = User.objects.filter(username__in=names)
    return {*had.values_list("username", flat=True), *held.values_list("username", flat=True)}


def _alike(name: str) -> Iterator[str]:
    """Yield names like this one, the nicest first."""
    stem = re.sub(r"[^a-z0-9_.]", "", name.lower()).strip(".")[: LONGEST - 7].rstrip(".")
    if not stem:
        return
    bare = stem.rstrip("0123456789_.") or stem
    year = timezone.now().year
    yield from (f"{stem}.photos", f"its.{stem}", f"{stem}_", f"{bare}.{year % 100}", f"the.{bare}")
    yield from (f"{bare}{number}" for number in (2, 7, 11, 23, 42, 77, year))
    yield from (f"{bare}.{number}" for number in range(100, 120))
