"""What decisions do to what they are about, and how that is taken back.

Each effect calls the verbs of its subject, which change counters and caches too. All of them find
a thing that is gone already and change nothing then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import IO, cast

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from accounts import account_cache
from accounts.models import User
from accounts.services import restore, suspend
from photos import hiding, services
from photos.bin import comments
from photos.conversation.tag_cache import PUBLISHED
from photos.models import KEPT, Comment, Photo
from social import profiles
from social.moderation.bans import ban
from social.moderation.models import Decision, Kind, ModerationCase, Verb

PERSON = (Verb.WARN, Verb.REMOVE_AVATAR, Verb.LIMIT, Verb.SUSPEND)
# What can be decided about a thing of each kind.
VERBS: dict[str, tuple[Verb, ...]] = {
    Kind.PHOTO: (
        Verb.DISMISS,
        Verb.SENSITIVE,
        Verb.HIDE,
        Verb.REMOVE,
        Verb.BAN_PICTURE,
        *PERSON,
    ),
    Kind.COMMENT: (Verb.DISMISS, Verb.REMOVE, *PERSON),
    Kind.PERSON: (Verb.DISMISS, *PERSON),
}
# Decisions that put a photo into the bin, and those that hide one: it stays while one stands.
REMOVING = (Verb.REMOVE, Verb.BAN_PICTURE)
HIDING = (Verb.HIDE, *REMOVING)
# What cannot be taken back: the files are gone, or nothing was done.
FINAL = (Verb.DISMISS, Verb.WARN, Verb.REMOVE_AVATAR)


def apply(decision: Decision) -> None:
    """Do what a decision says. Call it in the transaction that inserts it.

    Raises ``StorageUnavailable`` if pictures stay at their addresses.
    """
    if effect := _EFFECTS.get(Verb(decision.verb)):
        effect(decision)


def undo(decision: Decision) -> None:
    """Take back what a decision did, unless another that stands has done it too.

    Call it in the transaction that marks it as undone, after that. Removed avatars stay removed.
    """
    if effect := _UNDONE.get(Verb(decision.verb)):
        effect(decision)


def photo_of(case: ModerationCase) -> Photo | None:
    """Return the photo that a case is about, or ``None`` if it is gone. One query."""
    if case.kind != Kind.PHOTO:
        return None
    return Photo.objects.filter(pk=case.target_id).select_related("author", "stats").first()


def comment_of(case: ModerationCase) -> Comment | None:
    """Return the comment that a case is about, or ``None`` if it is gone. One query."""
    if case.kind != Kind.COMMENT:
        return None
    # Of a deleted comment with replies there is an empty row.
    return Comment.objects.filter(pk=case.target_id, author__isnull=False).first()


def _mark(decision: Decision) -> None:
    if photo := photo_of(decision.case):
        hiding.mark_sensitive(photo=photo, sensitive=True)


def _unmark(decision: Decision) -> None:
    photo = photo_of(decision.case)
    if photo and not _stands(decision, (Verb.SENSITIVE,)):
        hiding.mark_sensitive(photo=photo, sensitive=False)


def _hide(decision: Decision) -> None:
    """Hide the photo while a decision stands that hides it, and until the first one removes it."""
    if (photo := photo_of(decision.case)) is None:
        return
    standing = list(_alike(decision, HIDING))
    if not standing:
        hiding.show_photo(photo=photo)
        return
    removed = [one.created_at + KEPT for one in standing if one.verb in REMOVING]
    hiding.hide_photo(photo=photo, purge_at=min(removed, default=None))


def _remove(decision: Decision) -> None:
    if decision.case.kind == Kind.COMMENT:
        # Its author may be deleting it, or bringing it back from the bin.
        comments.hold(decision.case.target_id)
    if comment := comment_of(decision.case):
        # As it is now, which need not be as it was when it was reported.
        parent = {"parent": comment.parent_id} if comment.parent_id else {}
        edited = {"edited_at": comment.edited_at.isoformat()} if comment.edited_at else {}
        decision.kept = {"photo": comment.photo_id, "text": comment.text, **parent, **edited}
        services.delete_comment(comment=comment)
    _hide(decision)


def _show(decision: Decision) -> None:
    _hide(decision)
    if decision.kept.get("text") and decision.person_id:
        _write_again(decision)


def _write_again(decision: Decision) -> None:
    """Insert a removed comment as it was, unless photo or author are gone."""
    author = User.objects.filter(pk=decision.person_id).first()
    photo = Photo.objects.filter(pk=decision.kept["photo"]).first()
    if author and photo and not comment_of(decision.case):
        hiding.restore_comment(
            author=author,
            photo_id=photo.pk,
            text=decision.kept["text"],
            identifier=decision.case.target_id,
            parent_id=decision.kept.get("parent"),
            edited_at=parse_datetime(decision.kept.get("edited_at", "")),
        )


def _ban(decision: Decision) -> None:
    if photo := photo_of(decision.case):
        for picture in (one for one in photo.pictures if one.original):
            with default_storage.open(picture.original) as original:
                ban(cast(IO[bytes], original), decision, look=picture.look)
    _hide(decision)


def _unban(decision: Decision) -> None:
    decision.banned.all().delete()
    _show(decision)


def _remove_avatar(decision: Decision) -> None:
    profiles.remove_avatar(user=_person(decision))


def _limit(decision: Decision) -> None:
    _set_limited(decision, limited=True)


def _unlimit(decision: Decision) -> None:
    if not _stands(decision, (Verb.LIMIT,)):
        _set_limited(decision, limited=False)


def _suspend(decision: Decision) -> None:
    suspend(user=_person(decision))


def _restore(decision: Decision) -> None:
    if not _stands(decision, (Verb.SUSPEND,)):
        restore(user=_person(decision))


def _set_limited(decision: Decision, *, limited: bool) -> None:
    User.objects.filter(pk=decision.person_id).update(is_limited=limited)
    account_cache.invalidate_account(_person(decision).pk, PUBLISHED)


def _person(decision: Decision) -> User:
    return User.objects.get(pk=decision.person_id)


def _stands(decision: Decision, verbs: Iterable[Verb]) -> bool:
    """Tell whether another decision that stands does what one of ``verbs`` does. One query."""
    return _alike(decision, verbs).exclude(pk=decision.pk).exists()


def _alike(decision: Decision, verbs: Iterable[Verb]) -> QuerySet[Decision]:
    """Return the decisions that stand about what ``decision`` is about, of these ``verbs``."""
    standing = Decision.objects.filter(verb__in=verbs, undone_at=None)
    if decision.verb in PERSON:
        return standing.filter(person=decision.person_id)
    case = decision.case
    return standing.filter(case__kind=case.kind, case__target_id=case.target_id)


Effect = Callable[[Decision], None]
_EFFECTS: dict[Verb, Effect] = {
    Verb.SENSITIVE: _mark,
    Verb.HIDE: _hide,
    Verb.REMOVE: _remove,
    Verb.BAN_PICTURE: _ban,
    Verb.REMOVE_AVATAR: _remove_avatar,
    Verb.LIMIT: _limit,
    Verb.SUSPEND: _suspend,
}
_UNDONE: dict[Verb, Effect] = {
    Verb.SENSITIVE: _unmark,
    Verb.HIDE: _show,
    Verb.REMOVE: _show,
    Verb.BAN_PICTURE: _unban,
    Verb.LIMIT: _unlimit,
    Verb.SUSPEND: _restore,
}
