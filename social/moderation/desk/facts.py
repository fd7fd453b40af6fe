"""What a moderator sees of one case: the thing, its reports, earlier cases, decisions, the log."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest

from accounts.models import User
from social.moderation import effects
from social.moderation.models import Kind, ModerationCase, ModerationLogEntry

# Of each list: the newest.
SHOWN = 50


def moderator(request: HttpRequest) -> User:
    """Return who uses the admin; its pages are for people who are logged in."""
    return cast(User, request.user)


def facts_of(case: ModerationCase) -> dict[str, Any]:
    """Return the variables of a case's page. At most ten queries, however much there is."""
    photo = effects.photo_of(case)
    person = User.objects.with_stats().filter(pk=case.person_id).first()
    others = ModerationCase.objects.exclude(pk=case.pk).order_by("-pk")
    same = others.filter(kind=case.kind, target_id=case.target_id)
    mine = others.filter(person=case.person_id) if case.person_id else others.none()
    entries = ModerationLogEntry.objects.filter(case_id=case.pk).order_by("-pk")
    return {
        "case": case,
        "photo": photo,
        "pictures": photo.pictures if photo else [],
        "comment": effects.comment_of(case),
        "person": person,
        "shows_avatar": bool(case.kind == Kind.PERSON and person and person.avatar),
        "reports": case.reports.select_related("reporter").order_by("-pk")[:SHOWN],
        "report_count": case.reports.count(),
        "decisions": case.decisions.order_by("-pk"),
        "earlier": same[:SHOWN],
        "of_person": mine[:SHOWN],
        "entries": entries[:SHOWN],
        "final": effects.FINAL,
    }


def picture_name(case: ModerationCase, number: int) -> str:
    """Return the storage name of picture ``number`` (from 1) in its largest size; empty without.

    0 is the avatar of the person. One query.
    """
    if number == 0:
        person = User.objects.filter(pk=case.person_id or 0).first()
        return str(person.avatar[-1][1]) if person and person.avatar else ""
    photo = effects.photo_of(case)
    pictures = photo.pictures if photo else []
    if not 1 <= number <= len(pictures) or not pictures[number - 1].renditions:
        return ""
    return str(pictures[number - 1].renditions[-1][2])
