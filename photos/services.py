"""Verbs on photos: create, edit, delete, like, comment. Pages, API and admin all call these.

Each verb is one transaction. Counters change only where a row really was inserted or deleted;
deleting locks them first: a like that comes meanwhile goes with the photo, or is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Count, Exists, F, QuerySet
from django.http import Http404
from django.utils.translation import gettext

from accounts.models import User, UserStats
from accounts.people import Words, read_words
from minigram_site.db import insert_or_ignore, update_compiled
from minigram_site.fields.snowflake import new_id
from minigram_site.storage import public_links
from photos import files, photo_cache, statements
from photos.conversation import texts, threads
from photos.events import listener
from photos.models import Comment, Draft, Like, Media, Photo, PhotoStats
from photos.pictures import Picture
from photos.statements import LikeChange

# Counter rows that are locked and changed by one statement.
BATCH = 500


class PhotoGone(Http404):
    """The photo was deleted between the check of a request and its write."""


@transaction.atomic
def create_photo(
    *,
    author: User,
    pictures: Sequence[Picture],
    caption: str = "",
    show_camera: bool = False,
    identifier: int | None = None,
    words: Words | None = None,
) -> Photo:
    """Insert a photo of one or several pictures in storage, and count it for its author.

    The author's counter row is taken first: it puts publishing in one order with following, so
    that no follower misses the photo. ``words`` is what the caption names, if that was read
    already. Costs three statements, and those of ``texts.save_caption``.
    """
    cover, *further = pictures
    words = read_words(caption, author) if words is None else words
    UserStats.objects.filter(user=author).update(photo_count=F("photo_count") + 1)
    photo = Photo.objects.create(
        id=new_id() if identifier is None else identifier,
        author=author,
        caption=caption,
        caption_entities=words.entities,
        show_camera=show_camera,
        more=[picture.as_json() for picture in further],
        more_size=sum(picture.size for picture in further),
        **cover.as_json(),
    )
    PhotoStats.objects.create(photo=photo)
    texts.save_caption(photo, words, new=True)
    return photo


@transaction.atomic
def edit_photo(
    *,
    photo: Photo,
    caption: str | None = None,
    alt_text: str | None = None,
    alt_texts: Sequence[str] | None = None,
    show_camera: bool | None = None,
    comments_off: bool | None = None,
) -> Photo:
    """Change the words of a photo; ``None`` leaves one as it is. Two statements.

    Another caption costs those of ``texts.save_caption``. ``comments_off`` keeps what is there.
    ``alt_texts`` are those of all pictures in their order, ``alt_text`` is that of the first.
    Raises ``ValidationError`` if there are more of them than pictures.
    """
    held = Photo.objects.select_for_update().get(pk=photo.pk)
    if alt_texts is not None:
        if len(alt_texts) > len(held.pictures):
            raise ValidationError(
                {"alt_texts": gettext("There are fewer pictures than descriptions.")}
            )
        alt_text = alt_texts[0] if alt_texts else alt_text
        for further, words in zip(held.more, alt_texts[1:], strict=False):
            further["alt_text"] = words
    if caption is not None and caption != held.caption:
        named = read_words(caption, held.author)
        held.caption_entities = named.entities
        texts.save_caption(held, named, new=False)
    changes = {"caption": caption, "alt_text": alt_text, "show_camera": show_camera}
    for field, value in {**changes, "comments_off": comments_off}.items():
        if value is not None:
            setattr(held, field, value)
    held.save(update_fields=[*changes, "comments_off", "caption_entities", "more"])
    photo_cache.invalidate_photo(photo.pk, photo.author_id)
    return held


@transaction.atomic
def delete_photo(*, photo: Photo) -> None:
    """Delete a photo with its likes, comments and files.

    Raises ``PhotoGone`` if it is gone already, ``StorageUnavailable`` if it stays at its address.
    """
    UserStats.objects.select_for_update().filter(user=photo.author_id).first()
    stats = PhotoStats.objects.select_for_update(of=("self",)).filter(photo=photo.pk)
    unlisted = stats.values_list("photo__hidden", "photo__archived").first()
    if unlisted is None:
        raise PhotoGone(gettext("This photo was deleted."))
    names = photo.file_names
    author_id, photo_id, code = photo.author_id, photo.pk, photo.code
    photo.delete()
    counted = 0 if any(unlisted) else 1
    UserStats.objects.filter(user=author_id).update(photo_count=F("photo_count") - counted)
    public_links.withdraw_photo(author_id, code)
    photo_cache.invalidate_deleted(photo_id, author_id)
    files.delete_on_commit(names)


@transaction.atomic
def like(*, user: User, photo_id: int) -> None:
    """Let ``user`` like a photo; liking again changes nothing. One statement, on SQLite three.

    Raises ``PhotoGone`` if the photo was deleted, or the user suspended, meanwhile.
    """
    if _is_postgresql():
        _require(change_like(user.pk, photo_id, liked=True))
    elif insert_or_ignore(Like, user_id=user.pk, photo_id=photo_id):
        _require(_count_deed(photo_id, user.pk, "likes", 1))
        photo_cache.invalidate_like(user.pk, photo_id, *listener().liked(user.pk, photo_id))


@transaction.atomic
def unlike(*, user: User, photo_id: int) -> None:
    """Take a like back; without one nothing changes. One statement, on SQLite three.

    Raises ``PhotoGone`` if the photo was deleted, or the user suspended, meanwhile.
    """
    if _is_postgresql():
        _require(change_like(user.pk, photo_id, liked=False))
    elif Like.objects.filter(user=user, photo=photo_id).delete()[0]:
        _require(_count_deed(photo_id, user.pk, "likes", -1))
        listener().unliked(user.pk, photo_id)
        photo_cache.invalidate_like(user.pk, photo_id)


def change_like(
    user_id: int,
    photo_id: int,
    *,
    liked: bool,
    allowed: str = statements.ANYBODY,
    further: Sequence[int] = (),
) -> LikeChange | None:
    """Give or take back a like as ``statements.change_like`` does, and invalidate what shows it.

    One statement of PostgreSQL. Outside of a transaction it is one by itself, which a site with a
    cache must not use. Raises ``PhotoGone`` if the photo was deleted meanwhile, Django's
    ``IntegrityError`` instead outside of a transaction.
    """
    change = statements.change_like(
        user_id, photo_id, liked=liked, allowed=allowed, further=further
    )
    if change is not None and change.changed:
        _require(change.like_count is not None)
        photo_cache.invalidate_like(user_id, photo_id, *listener().names_of([change.told]))
    return change


@transaction.atomic
def comment(*, author: User, photo_id: int, text: str, reply_to: Comment | None = None) -> Comment:
    """Write a comment under a photo. One statement, on SQLite three; more for reply or mention.

    A reply to a reply is one to its top comment, and mentions whom it answers. Raises ``PhotoGone``
    for a deleted photo or a suspended author, and as ``texts.read_reply``, ``threads.count_reply``.
    """
    text, words = texts.read_reply(text, author, reply_to)
    parent_id = (reply_to.parent_id or reply_to.pk) if reply_to else None
    written = Comment(author=author, photo_id=photo_id, parent_id=parent_id, text=text)
    written.entities = words.entities
    if _is_postgresql():
        told = statements.insert_comment(written)
        _require(told is not None)
        names = listener().names_of(told or ())
    else:
        written.save(force_insert=True)
        _require(_count_deed(photo_id, author.pk, "comments", 1))
        names = listener().commented(author.pk, photo_id, written.pk, parent_id)
    if parent_id is not None:
        threads.count_reply(parent_id, 1)
    texts.save_comment(written, words, new=True)
    photo_cache.invalidate_counts(photo_id, *names)
    return written


@transaction.atomic
def delete_comment(*, comment: Comment, by: User | None = None, by_staff: bool = False) -> None:
    """Delete a comment; replies stay. ``by`` can bring it back, staff if it is ``by_staff``."""
    deleted, counted = threads.remove(comment, by=by, by_staff=by_staff)
    if deleted:
        if counted:
            PhotoStats.objects.filter(pk=comment.photo_id).update(**_more_comments(-1))
        photo_cache.invalidate_counts(comment.photo_id)


@transaction.atomic
def delete_everything_of(*, user: User) -> None:
    """Delete photos, likes and comments of ``user``, and put others' counters right.

    Part of deleting an account. Costs a number of statements that grows with the user's own
    photos and with nothing else; the files go when the transaction has happened.
    """
    liked = Like.objects.filter(user=user)
    commented = Comment.objects.filter(author=user)
    touched = set(liked.values_list("photo_id", flat=True))
    touched |= set(commented.values_list("photo_id", flat=True))
    # At once what each photo would do for itself.
    public_links.withdraw_photos(user.pk)
    for part in _batches(sorted(touched)):
        list(PhotoStats.objects.select_for_update().filter(pk__in=part).order_by("pk"))
    liked.delete()
    threads.remove_all_of(user)
    for photo in Photo.objects.filter(author=user).iterator(chunk_size=200):
        touched.discard(photo.pk)
        delete_photo(photo=photo)
    recount(touched)


def lock_uploads_of(user: User) -> None:
    """Lock drafts and uploads of ``user``, in the order in which publishing locks them.

    Call it inside a transaction, before counters are locked. Two statements.
    """
    for rows in (Draft.objects.owned_by(user), Media.objects.owned_by(user)):
        list(rows.select_for_update().order_by("pk").values_list("pk"))


def delete_uploads_of(user: User) -> None:
    """Delete the uploads of ``user`` with their files, and the drafts that they are part of.

    Call it inside a transaction that holds the row of ``user``, as no upload can be added then.
    """
    for media in Media.objects.owned_by(user).select_for_update().order_by("pk"):
        files.delete_on_commit(media.file_names)
    Draft.objects.owned_by(user).delete()
    Media.objects.owned_by(user).delete()


def count_person(user_id: int, change: int) -> None:
    """Count the likes and comments of a person in (``change`` 1) or out (-1).

    Part of restoring and suspending, in whose transaction the person's row is locked. Four
    statements or so for each 500 photos.
    """
    liked = set(Like.objects.filter(user=user_id).values_list("photo_id", flat=True))
    commented = Counter(Comment.objects.filter(author=user_id).values_list("photo_id", flat=True))
    touched = sorted(liked.union(commented))
    for part in _batches(touched):
        stats = PhotoStats.objects.filter(pk__in=part)
        list(stats.select_for_update().order_by("pk").values_list("pk"))
        stats.filter(pk__in=liked.intersection(part)).update(**_more_likes(change))
        for number in {commented[photo] for photo in part} - {0}:
            several = [photo for photo in part if commented[photo] == number]
            stats.filter(pk__in=several).update(**_more_comments(number * change))
    photo_cache.invalidate_counts_of(touched)


def recount(photo_ids: Iterable[int], *, fix: bool = True) -> int:
    """Set the counters of these photos to what the rows say; return how many were wrong.

    Likes and comments of suspended people do not count. Without ``fix`` they are only compared.
    Costs three statements for each 500 photos.
    """
    return sum(_recount(part, fix=fix) for part in _batches(sorted(photo_ids)))


@transaction.atomic
def _recount(photo_ids: list[int], *, fix: bool) -> int:
    held = {
        stats.pk: stats
        for stats in PhotoStats.objects.select_for_update().filter(pk__in=photo_ids).order_by("pk")
    }
    likes = _rows_per_photo(Like.objects.filter(user__is_active=True), photo_ids)
    comments = _rows_per_photo(Comment.objects.filter(author__is_active=True), photo_ids)
    wrong = []
    for key, stats in held.items():
        truth = (likes.get(key, 0), comments.get(key, 0))
        if (stats.like_count, stats.comment_count) != truth:
            stats.like_count, stats.comment_count = truth
            wrong.append(stats)
    if fix:
        PhotoStats.objects.bulk_update(wrong, ["like_count", "comment_count"])
        photo_cache.invalidate_counts_of(stats.pk for stats in wrong)
    return len(wrong)


def _batches(photo_ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(photo_ids), BATCH):
        yield photo_ids[start : start + BATCH]


def _rows_per_photo(counted: QuerySet[Any], photo_ids: list[int]) -> dict[int, int]:
    rows = counted.filter(photo__in=photo_ids).order_by().values("photo")
    return dict(rows.annotate(rows=Count("pk")).values_list("photo", "rows"))


def _is_postgresql() -> bool:
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"


def _count_deed(
    photo_id: int, user_id: int, what: Literal["likes", "comments"], change: int
) -> int:
    """Change a counter of a photo for what a person did; return 0 if they are suspended, else 1.

    The statement locks their row, so that a suspension, which counts out all that the person did,
    comes either before it or after it.
    """

    def build(photo: int, user: int) -> tuple[QuerySet[PhotoStats], dict[str, Any]]:
        active = User.objects.select_for_update(no_key=True).filter(pk=user, is_active=True)
        stats = PhotoStats.objects.filter(Exists(active), photo=photo)
        return stats, _more_likes(change) if what == "likes" else _more_comments(change)

    return update_compiled(("deed", what, change), build, [photo_id, user_id])


def _more_likes(change: int) -> dict[str, Any]:
    return {"like_count": F("like_count") + change}


def _more_comments(change: int) -> dict[str, Any]:
    return {"comment_count": F("comment_count") + change}


def _require(found: object) -> None:
    if not found:
        raise PhotoGone(gettext("This photo was deleted."))
