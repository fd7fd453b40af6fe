"""Bringing an archive along: what is in it, what is here already, and what cannot be taken.

Where it stands is in the photos alone: a post is here already if the person has a photo of the same
files at the same time. So a run that was killed is run again, and a second run changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from typing import IO

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from minigram_site.fields.text import clean
from photos.conversation.imported import import_comment
from photos.formats import kind_of
from photos.models import ALT_TEXT_LENGTH, CAPTION_LENGTH, COMMENT_LENGTH, Photo
from photos.refusals import ImageRejected
from social.portable import sources
from social.portable.importing.posts import Audience, FoundPicture, Post, Source, gathered
from social.portable.importing.reading import Archive, ArchiveRefused
from social.publishing import FileRejected, ImportedFile, NoDate, publish_imported

REASONS = {
    "missing": _("The archive names this file and doesn’t hold it."),
    "no_date": _("Neither the archive nor the picture says when it was taken."),
    "video": _("Videos can’t be imported."),
    "unreadable": _("The archive doesn’t say of this post what it is."),
}
# Times that differ by less are the same: some sites keep whole seconds.
SAME = timedelta(seconds=1)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Refusal:
    """A file that was not taken: its name in the archive, and the sentence that says why."""

    name: str
    code: str
    sentence: str


@dataclass
class Outcome:
    """What became, or would become, of the pictures of an archive: the three add up to ``found``.

    ``first`` and ``last`` are the times of the posts; ``alone`` of the imported are for the author
    alone.
    """

    source: str
    found: int
    imported: int = 0
    already: int = 0
    alone: int = 0
    comments: int = 0
    first: datetime | None = None
    last: datetime | None = None
    refused: list[Refusal] = field(default_factory=list)


def recognised(archive: Archive) -> Source:
    """Return the importer of an archive. Raises ``ArchiveRefused`` if there is none."""
    for source in sources.SOURCES:
        if source.recognises(archive):
            return source
    raise ArchiveRefused("unknown")


@dataclass(frozen=True)
class Choices:
    """What the archive does not say: who decides it is the person.

    What it does not say who saw becomes for the author alone, unless ``show_unknown``; with
    ``alone`` everything does. ``zone`` is that of cameras that do not say theirs.
    """

    show_unknown: bool = False
    alone: bool = False
    zone: tzinfo = UTC


def bring(
    archive: Archive,
    *,
    author: User,
    dry: bool = False,
    choices: Choices = Choices(),
    progress: Progress = lambda done, total: None,
) -> Outcome:
    """Make the posts of an archive photos of ``author``; with ``dry`` only say what would be.

    Followers' feeds do not change, and nobody is told. Raises ``ArchiveRefused`` for the whole
    archive, and errors of database and storage; called again it goes on where it was. Two queries,
    and what ``publish_imported`` costs for each new post.
    """
    run = Run(archive, author=author, choices=choices, dry=dry)
    run.refuse_skipped()
    for number, post in enumerate(run.posts, start=1):
        run.bring(post)
        progress(number, len(run.posts))
    return run.outcome


class Run:
    """One run over an archive, or over a part of its ``posts``, the oldest first.

    What became of their pictures is in ``outcome``. Raises ``ArchiveRefused``; no query.
    """

    def __init__(
        self, archive: Archive, *, author: User, choices: Choices, dry: bool = False
    ) -> None:
        """Read what is in the archive. Nothing is written with ``dry``."""
        self._archive, self._author, self._choices, self._dry = archive, author, choices, dry
        source = recognised(archive)
        found = gathered(source.read(archive))
        self.posts, self._skipped = found.posts, found.skipped
        moments = [post.moment for post in found.posts if post.moment is not None]
        first, last = min(moments, default=None), max(moments, default=None)
        self.outcome = self._nothing = Outcome(source.name, found.pictures, first=first, last=last)
        self.collect()

    def collect(self) -> Outcome:
        """Return what became of pictures since the last call, and begin to count anew."""
        outcome, self.outcome = self.outcome, replace(self._nothing, refused=[])
        return outcome

    def refuse_skipped(self) -> None:
        """Refuse what the importer cannot take."""
        for skipped in self._skipped:
            self.refuse(skipped.name, skipped.code)

    def look(self, post: Post) -> None:
        """Count those pictures of a post that begin as pictures, and refuse the others. No query.

        Whether they are here already, and are whole, shows when they are brought along.
        """
        for picture in post.pictures:
            if self._can_be_taken(picture):
                self.outcome.imported += 1
                self.outcome.alone += self._is_for_author(post)

    def refuse(self, name: str, code: str, sentence: str = "") -> None:
        """Note a file that is not taken: ``code`` is one of ``REASONS`` unless a sentence comes."""
        self.outcome.refused.append(Refusal(name, code, sentence or str(REASONS[code])))

    def bring(self, post: Post) -> int | None:
        """Bring one post along, with those of its pictures that can be taken.

        Returns the id of its photo, which may have been here already; ``None`` without one. Costs
        one query for the first post, and what ``publish_imported`` does for one that is new.
        """
        with ExitStack() as stack:
            opened = [
                (picture, stack.enter_context(self._archive.spooled(picture.name)))
                for picture in post.pictures
                if self._can_be_taken(picture)
            ]
            return self._bring(post, opened)

    def _bring(self, post: Post, opened: list[tuple[FoundPicture, IO[bytes]]]) -> int | None:
        while opened:
            key = tuple(_digest(content) for _, content in opened)
            if photo_id := self._found(key, post):
                self.outcome.already += len(opened)
                self._add_comments(post, photo_id)
                return photo_id
            if self._dry:
                self._count(post, len(opened), key, 0)
                return None
            try:
                photo = self._publish(post, opened)
            except FileRejected as error:
                picture, _ = opened.pop(error.number)
                self.refuse(picture.name, error.code, str(error))
            except NoDate:
                for picture, _ in opened:
                    self.refuse(picture.name, "no_date")
                return None
            else:
                self._count(post, len(opened), key, photo.pk)
                self._add_comments(post, photo.pk)
                return photo.pk
        return None

    def _publish(self, post: Post, opened: Sequence[tuple[FoundPicture, IO[bytes]]]) -> Photo:
        files = [
            ImportedFile(
                content, _cut(picture.alt_text, ALT_TEXT_LENGTH), picture.turn, picture.crop
            )
            for picture, content in opened
        ]
        return publish_imported(
            author=self._author,
            files=files,
            moment=post.moment,
            zone=self._choices.zone,
            caption=_cut(post.caption, CAPTION_LENGTH),
            archived=self._is_for_author(post),
            show_camera=post.show_camera,
            comments_off=post.comments_off,
        )

    def _is_for_author(self, post: Post) -> bool:
        unknown = post.audience is Audience.UNKNOWN and not self._choices.show_unknown
        return self._choices.alone or unknown or post.audience is Audience.AUTHOR

    def _can_be_taken(self, picture: FoundPicture) -> bool:
        """Tell whether an entry is there and begins as a picture; refuse it if not."""
        if picture.name not in self._archive:
            self.refuse(picture.name, "missing")
            return False
        code = (
            "file_too_large" if self._archive.size(picture.name) > settings.MAX_UPLOAD_BYTES else ""
        )
        head = self._archive.head(picture.name)
        if not head:
            code = "empty_file"
        elif kind_of(head) is None:
            code = "not_an_image"
        if code == "not_an_image" and picture.name.lower().endswith(VIDEOS):
            self.refuse(picture.name, "video")
        elif code:
            self.refuse(picture.name, code, ImageRejected(code).message)
        return not code

    @cached_property
    def _here(self) -> dict[tuple[str, ...], list[tuple[int, datetime]]]:
        return _here(self._author)

    def _found(self, key: tuple[str, ...], post: Post) -> int:
        """Return the id of a photo that is this post, 0 if there is none."""
        for photo_id, moment in self._here.get(key, ()):
            same = post.moment is None or abs(moment - post.moment) < SAME
            if post.by_content or same:
                return photo_id
        return 0

    def _count(self, post: Post, number: int, key: tuple[str, ...], photo_id: int) -> None:
        self.outcome.imported += number
        self.outcome.alone += number if self._is_for_author(post) else 0
        moment = post.moment or datetime.now(UTC)
        self._here.setdefault(key, []).append((photo_id or -1, moment))

    def _add_comments(self, post: Post, photo_id: int) -> None:
        photo = Photo.objects.filter(pk=photo_id).first() if post.comments else None
        if photo is None or self._dry:
            return
        for comment in post.comments:
            text = _cut(comment.text, COMMENT_LENGTH)
            moment = comment.moment
            if text and import_comment(author=self._author, photo=photo, text=text, moment=moment):
                self.outcome.comments += 1


VIDEOS = (".mp4", ".mov", ".m4v", ".webm", ".avi", ".3gp", ".mkv", ".srt")


def _here(author: User) -> dict[tuple[str, ...], list[tuple[int, datetime]]]:
    """Return the person's photos with their times by the content of their originals. One query.

    Those in the bin as well. The name of an original begins with the hash of its content
    (``photos.files.store``).
    """
    found: dict[tuple[str, ...], list[tuple[int, datetime]]] = {}
    for photo in Photo.objects.by(author).iterator(chunk_size=500):
        key = tuple(picture.original.rpartition("/")[2][:24] for picture in photo.pictures)
        found.setdefault(key, []).append((photo.pk, photo.created_at))
    return found


def _digest(content: IO[bytes]) -> str:
    content.seek(0)
    digest = hashlib.file_digest(content, "sha256").hexdigest()[:24]  # type: ignore[arg-type]
    content.seek(0)
    return digest


def _cut(text: str, length: int) -> str:
    """Return a text as the site keeps it, cut where it is too long, which its end shows."""
    kept = clean(text)
    return kept if len(kept) <= length else kept[: length - 1].rstrip() + "…"
