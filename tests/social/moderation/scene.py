"""Reported photos and those who decide about them, for tests."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission

from accounts.models import User
from photos.models import Comment, Photo
from social.moderation import deciding, reports
from social.moderation.models import Decision, ModerationCase, Verb
from tests.factories import make_user


def make_moderator(name: str = "mona", *permissions: str) -> User:
    """Insert somebody of the staff who may see cases and decide them."""
    user = make_user(name)
    user.is_staff = True
    user.save()
    names = permissions or ("view_moderationcase", "change_moderationcase")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


def reported(row: Photo | Comment | User, by: User | None = None) -> ModerationCase:
    """Report a thing and return its case."""
    thing = reports.thing_of(row)
    report, _ = reports.report(reporter=by or make_user(), thing=thing, reason="spam")
    return report.case


def decided(row: Any, verb: Verb, moderator: User, **options: Any) -> Decision:
    """Report a thing and decide about it."""
    case = reported(row)
    reason = options.pop("reason", "Against the rules.")
    return deciding.decide(case=case, moderator=moderator, verb=verb, reason=reason, **options)
