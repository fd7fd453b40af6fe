"""Telling people: rows of notifications, written in the transaction of their cause.

A row is inserted, or moved to the top, by one statement that asks whether its recipient hears of
who did it (no block, no suspension, no mute) and may see the photo. The key of the row is what
tells nobody twice of one thing; and what was taken back a moment ago and is done again moves
nothing. A taken back like needs no other statement: without its cause a row is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Exists, OuterRef

from minigram_site.cache import invalidate
from minigram_site.db import compiled_sql, fetch_prepared
from minigram_site.fields.snowflake import new_id
from photos.events import Listener
from photos.models import Media
from social.notifications import inbox, statements
from social.notifications.causes import DAY_OF_IDS
from social.notifications.kinds import Kind
from social.notifications.models import Notification
from social.notifications.statements import INTO, MOVE, NOT_AGAIN, WINDOW, hears, sees

_TELL = """
{into}
SELECT told.recipient_id, CAST(%(kind)s AS smallint), CAST(%(target)s AS bigint), told.photo_id,
    CAST(%(cause)s AS bigint)
FROM ({recipients}) told
WHERE told.recipient_id <> %(actor)s AND EXISTS ({heard}) {further}
{move}
"""
_TAKE_BACK = """
INSERT INTO social_takenback (actor_id, kind, target_id, taken_at)
VALUES (%(actor)s, %(kind)s, %(thing)s, %(cause)s)
ON CONFLICT (actor_id, kind, target_id) DO UPDATE SET taken_at = excluded.taken_at
RETURNING actor_id
"""
_AUTHOR_OF_PHOTO = (
    "SELECT author_id AS recipient_id, id AS photo_id FROM photos_photo WHERE id = %(target)s"
)
# The author of the comment that is answered hears of it as of a reply.
_AUTHOR_UNLESS_ANSWERED = """
SELECT author_id AS recipient_id, id AS photo_id FROM photos_photo WHERE id = %(target)s
    AND author_id <> COALESCE((SELECT author_id FROM photos_comment WHERE id = %(parent)s), 0)
"""
_AUTHOR_OF_COMMENT = """
SELECT author_id AS recipient_id, photo_id FROM photos_comment
WHERE id = %(target)s AND author_id IS NOT NULL
"""
_PERSON = "SELECT CAST(%(recipient)s AS bigint) AS recipient_id, CAST(NULL AS bigint) AS photo_id"
_RECIPIENTS = {
    Kind.LIKE: _AUTHOR_OF_PHOTO,
    Kind.COMMENT: _AUTHOR_UNLESS_ANSWERED,
    Kind.REPLY: _AUTHOR_OF_COMMENT,
    Kind.COMMENT_LIKE: _AUTHOR_OF_COMMENT,
    Kind.FOLLOW: _PERSON,
    Kind.REQUEST: _PERSON,
    Kind.ACCEPTED: _PERSON,
}
# Of these the recipient may have lost sight of the photo.
_ELSEWHERE = (Kind.REPLY, Kind.COMMENT_LIKE)
# What can be taken back and done again.
_TOGGLED = (Kind.LIKE, Kind.COMMENT_LIKE, Kind.FOLLOW, Kind.REQUEST)
# Those who are mentioned since ``first``, but who hear of the comment as of one on their photo or
# as of a reply to them. A row that is there stays as it is: an edit tells nobody again.
_MENTION = """
{into}
SELECT mention.user_id, CAST(%(kind)s AS smallint),
    COALESCE(mention.comment_id, mention.photo_id), mention.photo_id, mention.id
FROM photos_mention mention JOIN photos_photo photo ON photo.id = mention.photo_id
LEFT JOIN photos_comment comment ON comment.id = mention.comment_id
LEFT JOIN photos_comment parent ON parent.id = comment.parent_id
WHERE mention.photo_id = %(photo)s AND {text} AND mention.id >= %(first)s
    AND (mention.comment_id IS NULL
        OR mention.user_id NOT IN (photo.author_id, COALESCE(parent.author_id, 0)))
    AND EXISTS ({heard}) AND EXISTS ({seen})
ON CONFLICT (recipient_id, kind, target_id) DO NOTHING RETURNING recipient_id
"""
_REPORTERS = """
{into}
SELECT report.reporter_id, CAST(%(kind)s AS smallint), report.id, CAST(NULL AS bigint),
    CAST(%(cause)s AS bigint)
FROM social_report report WHERE report.case_id = %(case)s AND report.reporter_id IS NOT NULL
{move}
"""
_DECIDED = """
{into}
SELECT decision.person_id, CAST(%(kind)s AS smallint), decision.id, CAST(NULL AS bigint),
    CAST(%(cause)s AS bigint)
FROM social_decision decision
WHERE decision.id = %(decision)s AND decision.person_id IS NOT NULL
{move}
"""
# A failure that was told of is told again when it was tried again.
_FAILED = """
{into}
SELECT draft.author_id, CAST(%(kind)s AS smallint), draft.id, CAST(NULL AS bigint),
    CAST(%(cause)s AS bigint)
FROM photos_draft draft WHERE draft.id = %(draft)s AND draft.sent AND EXISTS (
    SELECT 1 FROM photos_media media WHERE media.draft_id = draft.id AND media.state = 'failed')
{move}
"""
# Who is invited again, as the first invitation was taken back, hears of it once a day at the most.
_INVITED = """
{into}
SELECT CAST(%(recipient)s AS bigint), CAST(%(kind)s AS smallint), CAST(%(album)s AS bigint),
    CAST(NULL AS bigint), CAST(%(cause)s AS bigint)
WHERE EXISTS ({heard})
ON CONFLICT (recipient_id, kind, target_id) DO UPDATE SET latest = excluded.latest
WHERE excluded.latest > social_notification.latest + {window} RETURNING recipient_id
"""
_NAME = re.compile(r"%\((\w+)\)s")


def tell(kind: Kind, *, actor: int, target: int, **further: int) -> list[str]:
    """Tell whom ``kind`` names of what ``actor`` has done; return what that makes invalid.

    ``target`` is that of the row. ``further``: the ``recipient`` of kinds about people, the
    ``parent`` of a comment, the ``cause`` that moves the row (a new id otherwise), and the
    ``thing`` by which it is known when it was taken back (``target`` otherwise). One statement,
    part of the transaction of the cause. Raises Django's database errors.
    """
    values = {"kind": int(kind), "actor": actor, "target": target, "thing": target, **further}
    values.setdefault("cause", new_id())
    return inbox.names_of(_run(partial(_tell_sql, kind), values))


def tell_follow(*, follower: int, followee: int) -> list[str]:
    """Tell somebody of a new follower: one row for all of a day. Returns what ``tell`` does."""
    cause = new_id()
    day = cause - cause % DAY_OF_IDS
    further = {"recipient": followee, "thing": followee, "cause": cause}
    return tell(Kind.FOLLOW, actor=follower, target=day, **further)


def tell_request(*, requester: int, target: int) -> list[str]:
    """Tell somebody who asks to follow them. Returns what ``tell`` does."""
    return tell(Kind.REQUEST, actor=requester, target=requester, recipient=target, thing=target)


def tell_accepted(*, owner: int, requester: int) -> list[str]:
    """Tell somebody that ``owner`` has accepted their request. Returns what ``tell`` does."""
    return tell(Kind.ACCEPTED, actor=owner, target=owner, recipient=requester)


def tell_reporters(case_id: int) -> None:
    """Tell those who reported it that a case is decided. One statement."""
    values = {"kind": int(Kind.REPORT), "case": case_id, "cause": new_id()}
    told = _run(lambda: _REPORTERS.format(into=INTO, move=MOVE), values)
    invalidate(*inbox.names_of(told))


def tell_decided(decision_id: int) -> None:
    """Tell whom a decision is about, and once more when their appeal is judged. One statement."""
    values = {"kind": int(Kind.DECISION), "decision": decision_id, "cause": new_id()}
    told = _run(lambda: _DECIDED.format(into=INTO, move=MOVE), values)
    invalidate(*inbox.names_of(told))


def tell_invited(*, owner: int, person: int, album: int, cause: int) -> None:
    """Tell somebody that they are invited to an album; ``cause`` is the invitation's id.

    One statement, part of its transaction.
    """
    values = {"kind": int(Kind.ALBUM), "actor": owner, "recipient": person, "album": album}
    invalidate(*inbox.names_of(_run(_invited_sql, {**values, "cause": cause})))


@transaction.atomic
def tell_failed(draft_id: int) -> None:
    """Tell the author of a draft that one of its pictures has failed, if so. One statement."""
    values = {"kind": int(Kind.FAILED), "draft": draft_id, "cause": new_id()}
    told = _run(lambda: _FAILED.format(into=INTO, move=MOVE), values)
    invalidate(*inbox.names_of(told))


def tell_all_failed() -> None:
    """Tell the authors of failed drafts who were not: their process was killed in between.

    One query where there is nobody to tell.
    """
    told = Notification.objects.filter(kind=Kind.FAILED, target_id=OuterRef("draft_id"))
    failed = Media.objects.filter(~Exists(told), state=Media.State.FAILED, draft__sent=True)
    for draft_id in list(failed.values_list("draft_id", flat=True)[:100]):
        tell_failed(draft_id)


def take_back(kind: Kind, *, actor: int, thing: int) -> None:
    """Note that ``actor`` took something back: done again within a day, it tells nobody.

    One statement, part of the transaction of what is taken back.
    """
    values = {"kind": int(kind), "actor": actor, "thing": thing, "cause": new_id()}
    _run(lambda: _TAKE_BACK, values)


class Notifier(Listener):
    """Tells people of likes, comments and mentions, as ``photos.events`` has it."""

    def like_part(self, *, seen: bool) -> str:
        """Return the part that tells the author of the photo. No query."""
        return statements.like_part(seen=seen)

    def unlike_part(self) -> str:
        """Return the part that remembers it. No query."""
        return statements.unlike_part()

    def comment_part(self) -> str:
        """Return the part that tells the author of the photo, and of what is answered."""
        return statements.comment_part()

    def names_of(self, told: Iterable[int | None]) -> list[str]:
        """Return the names of what says whether these people have news."""
        return inbox.names_of(told)

    def liked(self, user_id: int, photo_id: int) -> list[str]:
        """Tell the author of the photo. One statement."""
        return tell(Kind.LIKE, actor=user_id, target=photo_id)

    def unliked(self, user_id: int, photo_id: int) -> None:
        """Remember it. One statement."""
        take_back(Kind.LIKE, actor=user_id, thing=photo_id)

    def comment_liked(self, user_id: int, comment_id: int) -> list[str]:
        """Tell the author of the comment. One statement."""
        return tell(Kind.COMMENT_LIKE, actor=user_id, target=comment_id)

    def comment_unliked(self, user_id: int, comment_id: int) -> None:
        """Remember it. One statement."""
        take_back(Kind.COMMENT_LIKE, actor=user_id, thing=comment_id)

    def commented(
        self, author_id: int, photo_id: int, comment_id: int, parent_id: int | None
    ) -> list[str]:
        """Tell the author of the photo, and of a reply the author of what it answers.

        One statement for each; nobody is told of one comment twice.
        """
        names = []
        if parent_id is not None:
            names = tell(Kind.REPLY, actor=author_id, target=parent_id, cause=comment_id)
        further = {"cause": comment_id, "parent": parent_id or 0}
        return names + tell(Kind.COMMENT, actor=author_id, target=photo_id, **further)

    def mentioned(self, author_id: int, photo_id: int, comment_id: int | None, first: int) -> None:
        """Tell those who are mentioned, by rows of ``Mention`` from ``first`` on. One statement."""
        values = {"kind": int(Kind.MENTION), "photo": photo_id, "actor": author_id, "first": first}
        if comment_id is not None:
            values["comment"] = comment_id
        told = _run(partial(_mention_sql, in_comment=comment_id is not None), values)
        invalidate(*inbox.names_of(told))


@cache
def _tell_sql(kind: Kind) -> str:
    further = ""
    if kind in _ELSEWHERE:
        further = f"AND EXISTS ({compiled_sql(sees, ['told.recipient_id', 'told.photo_id'])})"
    if kind in _TOGGLED:
        names = {name: f"%({name})s" for name in ("actor", "kind", "thing", "cause")}
        further += NOT_AGAIN.format(**names, window=WINDOW)
    return _TELL.format(
        into=INTO,
        move=MOVE,
        recipients=_RECIPIENTS[kind],
        heard=compiled_sql(hears, ["told.recipient_id", "%(actor)s"]),
        further=further.strip(),
    )


@cache
def _mention_sql(*, in_comment: bool) -> str:
    return _MENTION.format(
        into=INTO,
        text="mention.comment_id = %(comment)s" if in_comment else "mention.comment_id IS NULL",
        heard=compiled_sql(hears, ["mention.user_id", "%(actor)s"]),
        seen=compiled_sql(sees, ["mention.user_id", "mention.photo_id"]),
    )


@cache
def _invited_sql() -> str:
    heard = compiled_sql(hears, ["%(recipient)s", "%(actor)s"])
    return _INVITED.format(into=INTO, heard=heard, window=WINDOW)


def _run(text: Callable[[], str], values: Mapping[str, int]) -> list[int]:
    """Send a statement with named parameters; return what it returns: those who have news."""
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        sql, names = _numbered(text())
        rows = fetch_prepared(DEFAULT_DB_ALIAS, sql, [values[name] for name in names])
    else:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(text(), values)
            rows = cursor.fetchall()
    return [row[0] for row in rows]


@cache
def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Return a statement with numbered parameters, and which of its names each one is."""
    names = tuple(dict.fromkeys(_NAME.findall(sql)))
    numbered = _NAME.sub(lambda found: f"${names.index(found[1]) + 1}::bigint", sql)
    return numbered.strip(), names
