"""Reports: what people say is wrong with a photo, a comment or a person."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext

from accounts.models import User
from minigram_site.db import hold_rows
from minigram_site.fields.snowflake import MAX_ID
from photos.models import Comment, Photo
from photos.permissions import visible_comment, visible_photo
from social import people
from social.moderation import log
from social.moderation.models import Kind, ModerationCase, Reason, Report


class CannotReport(ValueError):
    """Somebody reports what is their own; the message says why, ``code`` is for programs."""

    code = "cannot_report_yourself"


class Thing(NamedTuple):
    """What a report is about: kind, id, whose it is, and its words as they are now."""

    kind: Kind
    id: int
    person: User
    snapshot: dict[str, Any]


def seen_photo(viewer: User, photo_id: int) -> Thing:
    """Return a photo that ``viewer`` may see as a thing to report; ``Http404`` otherwise.

    One query.
    """
    return thing_of(visible_photo(viewer, photo_id))


def seen_comment(viewer: User, photo_id: int, comment_id: int) -> Thing:
    """Return a comment that ``viewer`` may read as a thing to report; ``Http404`` otherwise.

    Two queries.
    """
    return thing_of(visible_comment(viewer, photo_id, comment_id))


def seen_person(viewer: User, username: str) -> Thing:
    """Return a person whose profile ``viewer`` may see as a thing to report.

    Raises ``Http404`` otherwise. One query, none if cached.
    """
    return thing_of(people.profile(viewer, username))


def thing_of(row: Photo | Comment | User) -> Thing:
    """Return a photo, comment or person as what a case is about; authors come with the row.

    Raises ``Http404`` for what is left of a deleted comment.
    """
    if isinstance(row, Photo):
        text = {"text": row.caption, "alt_text": row.alt_text}
        return Thing(Kind.PHOTO, row.pk, row.author, text)
    if isinstance(row, User):
        return Thing(Kind.PERSON, row.pk, row, {"text": row.bio, "name": row.display_name})
    if row.author is None:
        raise Http404
    words = {"text": row.text, "photo": row.photo_id}
    return Thing(Kind.COMMENT, row.pk, row.author, words)


def report(*, reporter: User, thing: Thing, reason: str, words: str = "") -> tuple[Report, bool]:
    """Report a thing; return the report, and whether it is new.

    While the case is open, a second report of one person changes the reason and words of the
    first. Raises ``CannotReport`` for what is one's own, ``User.DoesNotExist`` if one of the two
    was deleted. At most six statements.
    """
    if thing.person.pk == reporter.pk:
        raise CannotReport(gettext("You can’t report yourself or your own photos and comments."))
    with transaction.atomic():
        both = {reporter.pk, thing.person.pk}
        if hold_rows(User, both) != both:
            raise User.DoesNotExist("The account was deleted.")
        case = open_case(thing)
        return Report.objects.update_or_create(
            case=case, reporter=reporter, defaults={"reason": Reason(reason), "words": words}
        )


def any_thing(kind: str, identifier: int) -> Thing:
    """Return a thing of any ``Kind`` that there is, private and hidden ones too, for moderators.

    Raises ``Http404``. One query.
    """
    rows: dict[str, QuerySet[Any]] = {
        Kind.PHOTO: Photo.objects.select_related("author"),
        Kind.COMMENT: Comment.objects.select_related("author"),
        Kind.PERSON: User.objects.all(),
    }
    known = kind in rows and identifier <= MAX_ID
    row = rows[kind].filter(pk=identifier).first() if known else None
    if row is None:
        raise Http404
    return thing_of(row)


@transaction.atomic
def open_by(moderator: User, thing: Thing) -> ModerationCase:
    """Return the open case about a thing, without a report if there is none. Four statements.

    The log says who has opened it.
    """
    case = open_case(thing)
    log.write(case, "opened", by=moderator)
    return case


def open_case(thing: Thing) -> ModerationCase:
    """Return the open case about a thing, its row locked; the first report opens it.

    Call it inside a transaction. Of two that come at once one opens it, the other finds it.
    """
    mine = ModerationCase.objects.filter(
        kind=thing.kind, target_id=thing.id, state=ModerationCase.State.OPEN
    )
    if case := mine.select_for_update().first():
        return case
    try:
        with transaction.atomic():
            return ModerationCase.objects.create(
                kind=thing.kind,
                target_id=thing.id,
                person_id=thing.person.pk,
                person_name=thing.person.username,
                snapshot=thing.snapshot,
            )
    except IntegrityError:
        return mine.select_for_update().get()
