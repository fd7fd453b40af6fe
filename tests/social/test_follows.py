"""Following, asking, accepting, blocking, and who sees whom because of it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Block, Follow, FollowRequest, User
from social import follows
from social.follows import CannotFollow
from tests.factories import make_follow, make_photo, make_user

pytestmark = pytest.mark.django_db


def counted(user: User) -> tuple[int, int]:
    """Return how many follow this person, and how many they follow, as counted."""
    user.stats.refresh_from_db()
    return user.stats.follower_count, user.stats.following_count


def sees(viewer: User, person: User) -> bool:
    """Tell whether ``viewer`` may see the photos of ``person``."""
    return User.objects.viewable_by(viewer).filter(pk=person.pk).exists()


def test_following_a_public_account_takes_effect_at_once(alice: User, bob: User) -> None:
    assert follows.follow(follower=alice, followee=bob) == "following"
    assert follows.follow(follower=alice, followee=bob) == "following"
    assert counted(bob) == (1, 0)
    assert counted(alice) == (0, 1)


def test_unfollowing_is_counted_once(alice: User, bob: User) -> None:
    make_follow(alice, bob)
    follows.unfollow(follower=alice, followee=bob)
    follows.unfollow(follower=alice, followee=bob)
    assert counted(bob) == (0, 0)
    assert counted(alice) == (0, 0)


def test_nobody_follows_themself(alice: User) -> None:
    with pytest.raises(CannotFollow):
        follows.follow(follower=alice, followee=alice)


def test_a_private_account_is_asked(alice: User, carol: User) -> None:
    assert follows.follow(follower=alice, followee=carol) == "requested"
    assert follows.follow(follower=alice, followee=carol) == "requested"
    assert FollowRequest.objects.count() == 1
    assert counted(carol) == (0, 0)
    assert not sees(alice, carol)


def test_a_request_can_be_withdrawn(alice: User, carol: User) -> None:
    follows.follow(follower=alice, followee=carol)
    follows.unfollow(follower=alice, followee=carol)
    assert not FollowRequest.objects.exists()
    assert not follows.accept(owner=carol, requester=alice)


def test_accepting_makes_a_follower(alice: User, carol: User) -> None:
    follows.follow(follower=alice, followee=carol)
    assert follows.accept(owner=carol, requester=alice)
    assert sees(alice, carol)
    assert counted(carol) == (1, 0)
    assert not FollowRequest.objects.exists()


def test_declining_changes_nothing_else(alice: User, carol: User) -> None:
    follows.follow(follower=alice, followee=carol)
    assert follows.decline(owner=carol, requester=alice)
    assert not follows.decline(owner=carol, requester=alice)
    assert not sees(alice, carol)


def test_going_public_accepts_all_who_wait(alice: User, bob: User, carol: User) -> None:
    for person in (alice, bob):
        follows.follow(follower=person, followee=carol)
    follows.set_privacy(user=carol, private=False)
    assert set(Follow.objects.values_list("follower__username", flat=True)) == {"alice", "bob"}
    assert counted(carol) == (2, 0)


def test_going_private_keeps_the_followers_and_shuts_out_the_rest(alice: User, bob: User) -> None:
    make_follow(alice, bob)
    follows.set_privacy(user=bob, private=True)
    assert sees(alice, bob)
    assert not sees(make_user("dave"), bob)


def test_a_block_ends_follows_and_requests_both_ways(alice: User, bob: User, carol: User) -> None:
    make_follow(alice, bob)
    make_follow(bob, alice)
    follows.follow(follower=alice, followee=carol)
    follows.block(blocker=bob, blocked=alice)
    follows.block(blocker=carol, blocked=alice)
    assert not Follow.objects.exists()
    assert not FollowRequest.objects.exists()
    assert counted(alice) == counted(bob) == (0, 0)


def test_across_a_block_nobody_sees_or_follows_anybody(alice: User, bob: User) -> None:
    follows.block(blocker=bob, blocked=alice)
    assert not sees(alice, bob)
    assert not sees(bob, alice)
    with pytest.raises(CannotFollow):
        follows.follow(follower=alice, followee=bob)
    with pytest.raises(CannotFollow):
        follows.follow(follower=bob, followee=alice)


@pytest.mark.parametrize("by_owner", [True, False])
def test_a_request_does_not_come_back_with_the_end_of_a_block(
    bob: User, carol: User, *, by_owner: bool
) -> None:
    assert follows.follow(follower=bob, followee=carol) == "requested"
    one, other = (carol, bob) if by_owner else (bob, carol)
    follows.block(blocker=one, blocked=other)
    follows.unblock(blocker=one, blocked=other)
    assert not FollowRequest.objects.exists()
    assert not follows.accept(owner=carol, requester=bob)
    assert (sees(bob, carol), counted(carol)) == (False, (0, 0))


def test_a_block_can_be_taken_back(alice: User, bob: User) -> None:
    follows.block(blocker=bob, blocked=alice)
    follows.unblock(blocker=bob, blocked=alice)
    assert not Block.objects.exists()
    assert sees(alice, bob)


def test_visitors_see_public_people_only(alice: User, carol: User) -> None:
    seen = User.objects.viewable_by(AnonymousUser())
    assert list(seen) == [alice]


def test_a_suspended_person_is_seen_by_nobody(alice: User, bob: User) -> None:
    make_photo(bob)
    bob.is_active = False
    bob.save()
    assert not sees(alice, bob)
    assert not sees(bob, bob)
