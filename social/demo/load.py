"""Loading the demo: people, photos, likes and comments, written in one short transaction.

Painting comes first, because it takes long. An interrupted run leaves nothing and can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from io import BytesIO

from django.db import transaction

from accounts.models import User
from accounts.people import read_words
from minigram_site.fields.snowflake import id_at, moment_of
from photos import files
from photos.conversation import texts, threads
from photos.models import Comment, CommentLike, Like, Photo
from photos.pictures import picture_of
from photos.services import create_photo, recount
from social import feed, follows, tags
from social.demo.painter.scenes import Scene, scenes
from social.demo.people import COMMENTS, DEMO, PEOPLE, THANKS, Person
from social.demo.render import Picture, render_avatar, render_photo, rendered
from social.profiles import delete_account

PASSWORD = "demo-minigram"  # noqa: S105 - printed by the command
PHOTOS = 60
SPAN = timedelta(weeks=3)
# No address below .example can be owned (RFC 2606): these accounts are the demo's.
DOMAIN = "minigram.example"
FOLLOWED_BY_DEMO = ("mira", "jonas", "yuki", "amara", "teo", "lena", "ravi", "ines", "clara")
TAG_OF_DEMO = "balloons"
ASKING = ("yuki", "kofi")

Report = Callable[[str], None]


class CannotLoad(ValueError):
    """The demo cannot be loaded; the message says why."""


def load(*, report: Report, photos: int = PHOTOS, workers: int = 2) -> bool:
    """Load the demo of ``photos`` photos; ``False`` if it is there already.

    ``workers`` processes paint (0: this one), ``report`` takes lines of progress. Everything is
    written or nothing. Raises ``CannotLoad`` if another account has one of the names. Costs about
    half a second per photo with two processes.
    """
    if User.objects.filter(username=DEMO, email=_email(DEMO)).exists():
        return False
    _require_free_names()
    drawn = scenes(photos)
    avatars = _with_progress(
        "portraits", render_avatar, [p.portrait for p in PEOPLE], workers, report
    )
    pictures = _with_progress("photos", render_photo, drawn, workers, report)
    report("Writing people, photos, likes and comments ...")
    with ExitStack() as stack, transaction.atomic():
        _remove_leftovers()
        _write(stack, drawn, avatars, pictures)
    return True


def _require_free_names() -> None:
    names = [person.username for person in PEOPLE]
    taken = User.objects.filter(username__in=names).exclude(email__endswith=f"@{DOMAIN}").first()
    if taken is not None:
        raise CannotLoad(f"An account has the name {taken.username}: the demo is left out.")


def _remove_leftovers() -> None:
    """Delete the demo's other people, which stay when ``demo`` itself was deleted."""
    emails = [_email(person.username) for person in PEOPLE]
    for user in User.objects.filter(email__in=emails):
        delete_account(user=user)


def _with_progress(
    what: str,
    render: Callable[..., Picture],
    jobs: Sequence[Scene] | Sequence[int],
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
    stack: ExitStack, drawn: list[Scene], avatars: list[Picture], pictures: list[Picture]
) -> None:
    rng = random.Random("demo")
    now = datetime.now(UTC)
    people = {
        person.username: _create_person(stack, person, avatar, now)
        for person, avatar in zip(PEOPLE, avatars, strict=True)
    }
    _connect(people, rng)
    published = []
    for scene, picture in zip(drawn, pictures, strict=True):
        age = SPAN * ((scene.number + rng.uniform(0.1, 0.9)) / len(drawn))
        author = people[_author_of(scene)]
        published.append(_publish(stack, author, scene, picture, id_at(now - age, scene.number)))
    tags.follow_tag(user=people[DEMO], key=TAG_OF_DEMO)
    _react(people, published, rng, now)


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
        others = [other for other in people if other not in (name, "clara")]
        chosen = FOLLOWED_BY_DEMO if name == DEMO else rng.sample(others, rng.randrange(4, 9))
        for other in chosen:
            follows.follow(follower=user, followee=people[other])
    for name in (DEMO, "lena", "sam.w"):
        follows.follow(follower=people[name], followee=people["clara"])
        follows.accept(owner=people["clara"], requester=people[name])
    for name in ASKING:
        follows.follow(follower=people[name], followee=people["clara"])


def _author_of(scene: Scene) -> str:
    """Return the name of a person with this motif among their favourites, in rotation."""
    fans = [person.username for person in PEOPLE if scene.motif in person.favourites]
    return fans[scene.number // 16 % len(fans)]


def _publish(
    stack: ExitStack, author: User, scene: Scene, picture: Picture, identifier: int
) -> Photo:
    processed = picture.processed
    stored = stack.enter_context(files.stored(processed))
    original = files.original_stored(BytesIO(picture.original), processed.mime)
    stored.original = stack.enter_context(original)
    photo = create_photo(
        author=author,
        pictures=[picture_of(processed, stored, scene.alt_text)],
        caption=" ".join(filter(None, [scene.caption, f"#{scene.motif.replace(' ', '')}"])),
        identifier=identifier,
    )
    feed.fan_out(photo)
    return photo


def _react(
    people: dict[str, User], published: list[Photo], rng: random.Random, now: datetime
) -> None:
    """Insert likes and comments with times after publishing; a few photos get most of the likes."""
    likes: list[Like] = []
    comments: list[Comment] = []
    for photo in published:
        age = now - moment_of(photo.pk)
        fans = [user for user in people.values() if _may_react(user, photo)]
        rng.shuffle(fans)
        for user in fans[: round(len(fans) * rng.random() ** 1.7)]:
            when = id_at(now - age * rng.random() ** 0.5, len(likes))
            likes.append(Like(id=when, photo=photo, user=user))
        for user in fans[: min(4, round(rng.expovariate(1 / 1.3)))]:
            when = id_at(now - age * rng.uniform(0.5, 0.95), len(comments))
            comments.append(_comment(when, photo, user, rng.choice(COMMENTS)))
            if rng.random() < 0.3:
                when = id_at(now - age * rng.uniform(0.1, 0.45), len(comments))
                text = rng.choice(THANKS)
                comments.append(_comment(when, photo, photo.author, text, comments[-1]))
    Like.objects.bulk_create(likes)
    _insert_comments(comments, list(people.values()), rng)
    recount(photo.pk for photo in published)


def _comment(
    identifier: int, photo: Photo, author: User, text: str, parent: Comment | None = None
) -> Comment:
    entities = read_words(text, author).entities
    return Comment(
        id=identifier, photo=photo, author=author, text=text, entities=entities, parent=parent
    )


def _insert_comments(comments: list[Comment], people: list[User], rng: random.Random) -> None:
    """Insert comments with their mentions, and likes of those that everybody may see."""
    Comment.objects.bulk_create(comments)
    likes = []
    for comment in comments:
        author = comment.author
        if author is None:
            continue
        texts.save_comment(comment, read_words(comment.text, author), new=True)
        fans = [] if comment.photo.author.is_private else rng.sample(people, rng.randrange(4))
        likes += [CommentLike(comment=comment, user=user) for user in fans if user != author]
    CommentLike.objects.bulk_create(likes)
    threads.recount(comment.pk for comment in comments)


def _may_react(user: User, photo: Photo) -> bool:
    """Tell whether ``user`` sees the photo and is not its author. A query for private authors."""
    if user.pk == photo.author_id:
        return False
    return not photo.author.is_private or User.objects.viewable_by(user).contains(photo.author)


def _email(username: str) -> str:
    return f"{username}@{DOMAIN}"
