"""People, photos and pictures for tests: plain functions with sensible defaults."""

from __future__ import annotations

from io import BytesIO
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from accounts.models import Block, User
from photos.models import Photo
from photos.pictures import Picture
from photos.services import create_photo
from social import feed, follows
from social.publishing import publish

PASSWORD = "correct-horse-7"
_numbers = count(1)


def make_user(username: str = "", *, private: bool = False, password: str = "") -> User:
    """Insert a person; without a password they cannot log in, which saves the hash's time."""
    username = username or f"person{next(_numbers)}"
    user = User.objects.create_user(username, f"{username}@example.org", password or None)
    if private:
        follows.set_privacy(user=user, private=True)
    return user


def blocked_between(one: User, other: User) -> bool:
    """Tell whether either has blocked the other."""
    pair = [one.pk, other.pk]
    return Block.objects.filter(blocker__in=pair, blocked__in=pair).exists()


def make_photo(author: User, caption: str = "", alt_text: str = "") -> Photo:
    """Publish a photo without files: for tests that ask about rows."""
    number = next(_numbers)
    picture = Picture(
        width=1200,
        height=800,
        placeholder="data:image/webp;base64,",
        alt_text=alt_text,
        original=f"originals/{number}.jpeg",
        renditions=[(320, 213, f"renditions/{number}-320.webp")],
    )
    with transaction.atomic():
        photo = create_photo(author=author, pictures=[picture], caption=caption)
        feed.fan_out(photo)
    return photo


def published(**words: Any) -> Photo:
    """Publish a photo with real files, as ``social.publishing.publish`` does."""
    photo = publish(**words)
    assert isinstance(photo, Photo)
    return photo


def make_follow(follower: User, followee: User) -> None:
    """Let one person follow another, private accounts included."""
    if follows.follow(follower=follower, followee=followee) == "requested":
        follows.accept(owner=followee, requester=follower)


def picture(size: tuple[int, int] = (400, 300), image_format: str = "JPEG") -> bytes:
    """Return the bytes of a small real picture: a gradient, so that it is not one colour."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    content = BytesIO()
    image.save(content, image_format)
    return content.getvalue()


def upload(
    content: bytes | None = None, name: str = "photo.jpg", content_type: str = "image/jpeg"
) -> SimpleUploadedFile:
    """Return a file as a form or the API sends it; a small JPEG unless told otherwise."""
    return SimpleUploadedFile(name, picture() if content is None else content, content_type)
