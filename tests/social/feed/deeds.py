"""What people do, drawn at random, for tests that compare the lean path with the ordinary one."""

from __future__ import annotations

from hypothesis import strategies as st

from accounts.models import User
from photos.services import comment, delete_photo, edit_photo, like, unlike
from social import follows, profiles, tags
from tests.factories import blocked_between, make_follow, make_photo

PEOPLE = 3

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "publish",
                "publish",
                "follow",
                "follow",
                "unfollow",
                "block",
                "unblock",
                "delete",
                "private",
                "public",
                "like",
                "like",
                "unlike",
                "comment",
                "caption",
                "name",
                "tag",
                "follow tag",
                "follow tag",
                "unfollow tag",
            ]
        ),
        st.integers(0, PEOPLE - 1),
        st.integers(0, PEOPLE - 1),
    ),
    max_size=15,
)


def act(deed: str, one: User, other: User, number: int) -> None:
    """Do one thing that changes what is shown; what is refused changes nothing."""
    photo = other.photos.order_by("id").last()
    match deed:
        case "publish":
            make_photo(one, "#sea" * (number % 2))
        case "tag" if photo:
            edit_photo(photo=photo, caption="At the #sea, #hills")
        case "follow tag":
            tags.follow_tag(user=one, key="sea" if number % 2 else "hills")
        case "unfollow tag":
            tags.unfollow_tag(user=one, key="sea")
        case "follow" if one != other and not blocked_between(one, other):
            make_follow(one, other)
        case "unfollow":
            follows.unfollow(follower=one, followee=other)
        case "block" if one != other:
            follows.block(blocker=one, blocked=other)
        case "unblock":
            follows.unblock(blocker=one, blocked=other)
        case "private" | "public":
            follows.set_privacy(user=one, private=deed == "private")
        case "name":
            profiles.edit_profile(user=one, display_name=f"Name {number}")
        case "delete" if photo:
            delete_photo(photo=photo)
        case "like" if photo:
            like(user=one, photo_id=photo.pk)
        case "unlike" if photo:
            unlike(user=one, photo_id=photo.pk)
        case "comment" if photo:
            comment(author=one, photo_id=photo.pk, text="Nice.")
        case "caption" if photo:
            edit_photo(photo=photo, caption=f"Caption {number}")
