"""Likes and comments of the demo, with times after publishing; a few photos get most of the likes.

What is *hot* was published days ago and is liked today: so Popular shows other photos than Recent.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from accounts.models import User
from accounts.people import read_words
from minigram_site.fields.snowflake import id_at, moment_of
from photos.conversation import texts, threads
from photos.models import Comment, CommentLike, Like, Photo
from photos.services import recount
from social.demo.people import DEMO
from social.demo.posts import ANSWER, Post, Remark
from social.notifications import filling, inbox

# Everybody has read what is older than that, but what one has been told of first.
UNREAD = timedelta(hours=20)
HOT = timedelta(hours=12)
COMMENTS: Sequence[str] = (
    "Where is this?",
    "The light!",
    "I can almost feel the air there.",
    "Saved for my next trip.",
    "This one belongs on a wall.",
    "How long did you wait for that?",
    "The colours are unreal 😍",
    "You make me want to get up earlier.",
    "My favourite of yours so far.",
    "I was there last year and saw nothing but rain!",
    "Which lens is this?",
    "@mira you would love this one.",
    "@teo look at the lines!",
    "Wie lange hast du darauf gewartet?",
    "¡Qué luz!",
    "Quelle lumière !",
    "Che meraviglia",
    "Que cores!",
    "きれい",
    "ما أجمل هذا الضوء",
    "איזה יופי",
    "Straight to the wall. #favourite",
)
THANKS: Sequence[str] = ("Thank you!", "Thanks 🙏", "Just a phone, really.", "Next time, promise!")


def react(
    people: Mapping[str, User],
    published: Sequence[tuple[Post, Photo]],
    rng: random.Random,
    now: datetime,
) -> None:
    """Insert likes, comments and what people are told of them. Part of a transaction."""
    likes: list[Like] = []
    comments: list[Comment] = []
    for post, photo in published:
        fans = [user for user in people.values() if _may_react(user, photo)]
        rng.shuffle(fans)
        age = now - moment_of(photo.pk)
        heat = rng.uniform(0.05, 0.4) if post.heat is None else post.heat
        span = min(age * 0.9, HOT) if post.is_hot else age * 0.95
        for user in fans[: round(len(fans) * heat)]:
            when = id_at(now - span * rng.random() ** 0.7, len(likes))
            likes.append(Like(id=when, photo=photo, user=user))
        said = post.said or list(_small_talk(fans, photo.author, rng))
        by_person = [(people[name], text) for name, text in said]
        comments += _comments(photo, by_person, now - span, now, len(comments))
    Like.objects.bulk_create(likes)
    _insert_comments(comments, list(people.values()), rng)
    filling.fill()
    for name, user in people.items():
        inbox.mark_read(user=user, up_to=id_at(now - (UNREAD if name == DEMO else timedelta(0))))
    recount(photo.pk for _, photo in published)


def _small_talk(fans: Sequence[User], author: User, rng: random.Random) -> Iterator[Remark]:
    """Yield a few comments, some of them answered."""
    for user, text in zip(fans[: min(3, round(rng.expovariate(1)))], _shuffled(rng), strict=False):
        if f"@{user.username}" in text or f"@{author.username}" in text:
            continue
        yield user.username, text
        if rng.random() < 0.3:
            yield author.username, f"{ANSWER}{rng.choice(THANKS)}"


def _shuffled(rng: random.Random) -> list[str]:
    return rng.sample(COMMENTS, len(COMMENTS))


def _comments(
    photo: Photo, said: Sequence[tuple[User, str]], since: datetime, now: datetime, offset: int
) -> Iterator[Comment]:
    """Yield comments at equal distances between ``since`` and ``now``, and answers to them."""
    parent: Comment | None = None
    for number, (author, text) in enumerate(said, 1):
        words = text.removeprefix(ANSWER)
        comment = Comment(
            id=id_at(since + (now - since) * number / (len(said) + 1), offset + number),
            photo=photo,
            author=author,
            text=words,
            entities=read_words(words, author).entities,
            parent=parent if words != text else None,
        )
        if words == text:
            parent = comment
        yield comment


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
