"""What captions and comments name, written with them: tags of photos, mentions of people."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from accounts.models import User
from accounts.people import Words, read_words
from minigram_site.db import hold_rows
from minigram_site.fields.entities import MAX_TAGS, TAG, find
from photos.conversation.tag_cache import invalidate_tags
from photos.events import listener
from photos.models import COMMENT_LENGTH, Comment, Mention, Photo, PhotoTag, Tag


def read_reply(text: str, author: User, reply_to: Comment | None) -> tuple[str, Words]:
    """Return the text of a comment and what it names; a reply to a reply mentions its author.

    Their name is put before a text that does not mention them. ``reply_to`` comes with its author.
    Raises ``ValidationError`` if that makes the text too long. Costs what ``read_words`` does,
    twice where a name is added.
    """
    words = read_words(text, author)
    answered = reply_to.author if reply_to and reply_to.parent_id else None
    if answered is None or answered.pk in {author.pk, *words.people}:
        return text, words
    text = f"{answered} {text}"
    if len(text) > COMMENT_LENGTH:
        sentence = gettext(
            "With the name in front of it, a comment can have up to %(comment_length)s characters."
        ) % {"comment_length": COMMENT_LENGTH}
        raise ValidationError({"text": sentence}, code="max_length")
    return text, read_words(text, author)


def validate_tags(text: str) -> None:
    """Raise ``ValidationError`` for a text of more than ``MAX_TAGS`` different tags."""
    number = len({entity.value for entity in find(text) if entity.kind == TAG})
    if number > MAX_TAGS:
        raise ValidationError(
            gettext("Use up to %(max_tags)s different tags. You have %(number)s.")
            % {"max_tags": MAX_TAGS, "number": number},
            code="too_many_tags",
        )


def save_caption(photo: Photo, words: Words, *, new: bool) -> None:
    """Make the rows of tags and mentions of a photo those that its caption names.

    Part of the transaction that writes the caption. No statement for a new photo that names
    nothing, two for what an edited one named, and up to four for what changes.
    """
    _save_tags(photo.pk, words.tags, new=new)
    _save_mentions(photo.pk, None, words.people, photo.author_id, new=new)


def save_comment(comment: Comment, words: Words, *, new: bool) -> None:
    """Make the rows of mentions of a comment those that its text names.

    Part of the transaction that writes the text. No statement for a new comment that mentions
    nobody.
    """
    author_id = comment.author_id or 0
    _save_mentions(comment.photo_id, comment.pk, words.people, author_id, new=new)


def _save_tags(photo_id: int, keys: Collection[str], *, new: bool) -> None:
    if new and not keys:
        return
    rows = PhotoTag.objects.filter(photo=photo_id)
    held = set() if new else set(rows.values_list("tag__key", flat=True))
    if gone := held.difference(keys):
        rows.filter(tag__key__in=gone).delete()
    if added := sorted(set(keys) - held):
        links = [PhotoTag(photo_id=photo_id, tag_id=tag) for tag in tag_ids(added)]
        PhotoTag.objects.bulk_create(links, ignore_conflicts=True)
        invalidate_tags(link.tag_id for link in links)


def tag_ids(keys: list[str]) -> list[int]:
    """Return the ids of these tags, which are inserted if they are new. Up to three statements.

    In the order of the keys, so that of two transactions none waits for the other for ever.
    """
    tags = Tag.objects.filter(key__in=keys)
    known = dict(tags.values_list("key", "pk"))
    if missing := [Tag(key=key) for key in keys if key not in known]:
        Tag.objects.bulk_create(missing, ignore_conflicts=True)
        known = dict(tags.values_list("key", "pk"))
    return list(known.values())


def _save_mentions(
    photo_id: int, comment_id: int | None, people: Collection[int], author_id: int, *, new: bool
) -> None:
    if new and not people:
        return
    rows = Mention.objects.filter(photo=photo_id, comment=comment_id)
    held: set[Any] = set() if new else set(rows.values_list("user_id", flat=True))
    wanted = set(people) - {author_id}
    if gone := held - wanted:
        rows.filter(user__in=gone).delete()
    # Whoever was deleted since the text was read is not mentioned; the words stay.
    if added := sorted(hold_rows(User, wanted - held)):
        links = [Mention(user_id=one, photo_id=photo_id, comment_id=comment_id) for one in added]
        Mention.objects.bulk_create(links, ignore_conflicts=True)
        listener().mentioned(author_id, photo_id, comment_id, links[0].pk)
