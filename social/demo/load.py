"""Loading the demo: people, photos, likes and comments, written in one short transaction.

Painting comes first, because it takes long. An interrupted run leaves nothing and can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import islice
from typing import Any

from django.db import transaction

from accounts.doors import site
from accounts.models import SiteSettings, User
from accounts.people import read_words
from minigram_site.fields.snowflake import id_at
from photos import files
from photos.models import Photo
from photos.pictures import Picture as StoredPicture
from photos.pictures import picture_of
from photos.services import create_photo
from social import feed, follows, tags
from social.demo.albums import collect
from social.demo.people import DEMO, PEOPLE, PRIVATE, Person
from social.demo.photographs import credit_lines
from social.demo.posts import MOST, Post, posts
from social.demo.reactions import react
from social.demo.render import Picture, render_avatar, render_photo, rendered
from social.profiles import delete_account

PASSWORD = "demo-minigram"  # noqa: S105 - printed by the command
PHOTOS = MOST
SPAN = timedelta(weeks=3)
# No address below .example can be owned (RFC 2606): these accounts are the demo's.
DOMAIN = "minigram.example"
FOLLOWED_BY_DEMO = (
    "mira",
    "jonas",
    "yuki",
    "amara",
    "teo",
    "lena",
    "ravi",
    "ines",
    "oriol",
    PRIVATE,
)
TAG_OF_DEMO = "goldenhour"
ASKING = ("yuki", "kofi")
ABOUT = """This is a demo: its people are made up.

Log in as **demo**, look around, and change what you like.

## Photographs

Some pictures are painted by a program. The others are photographs by people who let everybody
use them; each caption names the author. The portraits are painted, or cut out of photographs.

{credits}"""
RULES = """- Show what you have made yourself.
- Say in the *alt text* what a picture shows, for those who do not see it.
- Write below other people's photos as you would say it to their face."""

Report = Callable[[str], None]


class CannotLoad(ValueError):
    """The demo cannot be loaded; the message says why."""


def load(*, report: Report, photos: int = PHOTOS, workers: int = 2) -> bool:
    """Load the demo of ``photos`` photos; ``False`` if it is there already.

    ``workers`` processes paint (0: this one), ``report`` takes lines of progress. Everything is
    written or nothing. Raises ``CannotLoad`` if another account has one of the names. Costs about
    0.3 s per photo with two processes.
    """
    if User.objects.filter(username=DEMO, email=_email(DEMO)).exists():
        return False
    _require_free_names()
    shown = posts(photos)
    avatars = _with_progress(
        "portraits", render_avatar, [p.portrait for p in PEOPLE], workers, report
    )
    jobs = [picture for post in shown for picture in post.pictures]
    pictures = _with_progress("photos", render_photo, jobs, workers, report)
    report("Writing people, photos, likes and comments ...")
    with ExitStack() as stack, transaction.atomic():
        _remove_leftovers()
        _write(stack, shown, avatars, iter(pictures))
        _write_pages()
    return True


def _require_free_names() -> None:
    names = [person.username for person in PEOPLE]
    taken = User.objects.filter(username__in=names).exclude(email__endswith=f"@{DOMAIN}").first()
    if taken is not None:
        raise CannotLoad(f"An account has the name {taken.username}: the demo is left out.")


def _write_pages() -> None:
    """Write what the site is about and its rules, unless somebody has saved the settings."""
    if not SiteSettings.objects.exists():
        site.change(
            SiteSettings(
                sign_up=site.read().sign_up, about=ABOUT.format(credits=credit_lines()), rules=RULES
            )
        )


def _remove_leftovers() -> None:
    """Delete the demo's other people, which stay when ``demo`` itself was deleted."""
    emails = [_email(person.username) for person in PEOPLE]
    for user in User.objects.filter(email__in=emails):
        delete_account(user=user)


def _with_progress(
    what: str,
    render: Callable[..., Picture],
    jobs: Sequence[Any],
    workers: int,
    report: Report,
) -> list[Picture]:
    done = []
    for number, picture in enumerate(rendered(render, jobs, workers), 1):
        done.append(picture)
        if number % 10 == 0 or number == len(jobs):
            report(f"Painting {what}: {number} of {len(jobs)}")
    return done


def _write(
    stack: ExitStack, shown: list[Post], avatars: list[Picture], pictures: Iterator[Picture]
) -> None:
    rng = random.Random("demo")
    now = datetime.now(UTC)
    people = {
        person.username: _create_person(stack, person, avatar, now)
        for person, avatar in zip(PEOPLE, avatars, strict=True)
    }
    _connect(people, rng)
    published = []
    for number, post in enumerate(shown):
        identifier = id_at(now - SPAN * ((number + rng.uniform(0.1, 0.9)) / len(shown)), number)
        own = list(islice(pictures, len(post.pictures)))
        published.append((post, _publish(stack, people[post.author], post, own, identifier)))
    tags.follow_tag(user=people[DEMO], key=TAG_OF_DEMO)
    react(people, published, rng, now)
    collect(people, [photo for _, photo in published])


def _create_person(stack: ExitStack, person: Person, avatar: Picture, now: datetime) -> User:
    stored = stack.enter_context(files.stored(avatar.processed))
    number = PEOPLE.index(person)
    user = User.objects.create_user(
        person.username,
        _email(person.username),
        PASSWORD if person.username == DEMO else None,
        id=id_at(now - 2 * SPAN + timedelta(hours=number), number),
        display_name=person.name,
        bio=person.bio,
        bio_entities=read_words(person.bio, User(pk=0)).entities,
        website=person.website,
        avatar=[(width, name) for width, _, name in stored.renditions],
    )
    if person.private:
        follows.set_privacy(user=user, private=True)
    return user


def _connect(people: dict[str, User], rng: random.Random) -> None:
    """Make the people follow each other; two requests wait at the private account."""
    for name, user in people.items():
        others = [other for other in people if other not in (name, PRIVATE)]
        chosen = FOLLOWED_BY_DEMO if name == DEMO else rng.sample(others, rng.randrange(4, 9))
        for other in chosen:
            follows.follow(follower=user, followee=people[other])
    for name in (DEMO, "lena", "sam.w"):
        follows.follow(follower=people[name], followee=people[PRIVATE])
        follows.accept(owner=people[PRIVATE], requester=people[name])
    for name in ASKING:
        follows.follow(follower=people[name], followee=people[PRIVATE])


def _publish(
    stack: ExitStack, author: User, post: Post, pictures: Sequence[Picture], identifier: int
) -> Photo:
    photo = create_photo(
        author=author,
        pictures=[
            _stored(stack, picture, shown.alt_text)
            for picture, shown in zip(pictures, post.pictures, strict=True)
        ],
        caption=post.caption,
        identifier=identifier,
    )
    feed.fan_out(photo)
    return photo


def _stored(stack: ExitStack, picture: Picture, alt_text: str) -> StoredPicture:
    processed = picture.processed
    stored = stack.enter_context(files.stored(processed))
    original = files.original_stored(BytesIO(picture.original), processed.mime)
    stored.original = stack.enter_context(original)
    stored.size += len(picture.original)
    return picture_of(processed, stored, alt_text)


def _email(username: str) -> str:
    return f"{username}@{DOMAIN}"
