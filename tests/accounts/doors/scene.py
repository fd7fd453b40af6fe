"""A site with other settings, and people on their way in, for tests."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail

from accounts.doors import invitations, site
from accounts.doors.signing_up import sign_up
from accounts.models import Invitation, SiteSettings, User
from tests.factories import PASSWORD, make_user

NEW = {"username": "dora", "email": "dora@example.org", "password": PASSWORD}


def site_with(**fields: Any) -> SiteSettings:
    """Save the site's settings: those that are named, all others as they begin."""
    row = SiteSettings(**fields)
    site.change(row)
    return row


def make_invitation(inviter: User, **options: Any) -> Invitation:
    """Insert an invitation of somebody, whoever may invite."""
    note = str(options.pop("note", ""))
    max_uses, days = int(options.pop("max_uses", 1)), int(options.pop("days", 7))
    if not inviter.is_staff:
        inviter.is_staff = True
        inviter.save(update_fields=["is_staff"])
    return invitations.invite(user=inviter, max_uses=max_uses, days=days, note=note)


def make_waiting(name: str = "dora", **settings: Any) -> User:
    """Let somebody sign up on a site with these settings, who then is not in."""
    site_with(**settings)
    answer = "I know alice." if settings.get("question") else ""
    user = sign_up(username=name, email=f"{name}@example.org", password=PASSWORD, answer=answer)
    assert not user.is_active
    return user


def make_admin(name: str = "root") -> User:
    """Insert somebody who may do everything in the admin."""
    admin = make_user(name)
    admin.is_staff = admin.is_superuser = True
    admin.save()
    return admin


def link_in_mail(number: int = -1) -> str:
    """Return the path of the link to confirm an address in a mail that was sent."""
    found = re.search(r"http://testserver(/confirm-email/\S+)", str(mail.outbox[number].body))
    assert found is not None
    return found[1]
