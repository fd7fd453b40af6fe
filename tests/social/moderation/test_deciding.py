"""What moderators decide, what it does, and how it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User, UserStats
from accounts.services import suspend
from minigram_site.storage import public_links
from photos.files.links import link_photo
from photos.models import Comment, Photo, Removal
from photos.refusals import ImageRejected
from photos.services import comment, delete_photo, like
from social import explore, feed, profiles
from social.models import BannedPicture, Decision, ModerationCase, ModerationLogEntry
from social.moderation import deciding, evidence
from social.moderation.deciding import CannotDecide
from social.moderation.models import Verb
from social.publishing import publish
from social.suggestions import suggested
from social.upkeep import reconcile
from tests.factories import make_follow, make_photo, make_user, picture, published
from tests.social.moderation.scene import decided, make_moderator, reported

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


@pytest.fixture
def mona(db: None) -> User:
    return make_moderator()


def acts() -> list[str]:
    """Return what the log says was done, oldest first."""
    return list(ModerationLogEntry.objects.order_by("pk").values_list("act", flat=True))


def drift() -> int:
    """Return how many people and photos have wrong counters."""
    return sum(wrong for _, wrong in reconcile(fix=False).values())


@pytest.mark.parametrize("verb", [Verb.HIDE, Verb.REMOVE])
def test_a_hidden_photo_is_nowhere_and_comes_back(
    api_as: As, browser_as: As, mona: User, alice: User, bob: User, verb: Verb
) -> None:
    make_follow(bob, alice)
    photo = make_photo(alice)
    like(user=bob, photo_id=photo.pk)
    decision = decided(photo, verb, mona)
    for person in (alice, bob, mona):
        client = api_as(person)
        assert client.get(f"/api/v1/photos/{photo.pk}/").status_code == 404
        assert client.get(f"/api/v1/photos/{photo.pk}/comments/").status_code == 404
        assert client.put(f"/api/v1/photos/{photo.pk}/like/").status_code == 404
        for lists in ("feed/", "explore/", "explore/?sort=popular", "users/alice/photos/"):
            assert client.get(f"/api/v1/{lists}").json()["results"] == []
        assert browser_as(person).get(f"/p/{photo.code}/").status_code == 404
    assert api_as(bob).get("/api/v1/users/alice/").json()["photo_count"] == 0
    assert drift() == 0
    deciding.undo(decision=decision, moderator=mona)
    assert api_as(bob).get(f"/api/v1/photos/{photo.pk}/").json()["like_count"] == 1
    assert len(api_as(bob).get("/api/v1/feed/").json()["results"]) == 1
    assert api_as(bob).get("/api/v1/users/alice/").json()["photo_count"] == 1
    assert drift() == 0
    assert acts() == [verb, "undone"]


def test_the_bytes_of_a_hidden_photo_go_at_once(
    browser_as: As, mona: User, alice: User, bob: User
) -> None:
    photo = published(author=alice, image=BytesIO(picture()))
    link_photo(photo)
    name = photo.renditions[0][2].rpartition("/")[2]
    address = f"/media/photos/{photo.code}/{name}"
    answer: Any = browser_as(bob).get(address)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)
    assert public_links.is_linked("photos", photo.code, name)
    decided(photo, Verb.HIDE, mona)
    assert not public_links.is_linked("photos", photo.code, name)
    for person in (None, alice, bob):
        assert browser_as(person).get(address).status_code == 404


def test_counters_are_right_after_any_order_of_hiding_deleting_and_suspending(
    mona: User, alice: User, bob: User
) -> None:
    kept, deleted = make_photo(alice), make_photo(alice)
    written = comment(author=alice, photo_id=kept.pk, text="Hi")
    comment(author=bob, photo_id=kept.pk, text="Ho")
    gone = decided(written, Verb.REMOVE, mona)
    hidden = decided(kept, Verb.HIDE, mona)
    decided(deleted, Verb.REMOVE, mona)
    suspended = decided(alice, Verb.SUSPEND, mona)
    assert drift() == 0
    delete_photo(photo=deleted)
    deciding.undo(decision=hidden, moderator=mona)
    deciding.undo(decision=suspended, moderator=mona)
    deciding.undo(decision=gone, moderator=mona)
    assert drift() == 0
    assert UserStats.objects.get(user=alice).photo_count == 1
    assert Photo.objects.with_author().get().stats.comment_count == 2


def test_a_photo_stays_hidden_while_another_decision_hides_it(mona: User, alice: User) -> None:
    photo = make_photo(alice)
    first, second = decided(photo, Verb.HIDE, mona), decided(photo, Verb.REMOVE, mona)
    deciding.undo(decision=first, moderator=mona)
    assert not Photo.objects.visible_to(alice).exists()
    deciding.undo(decision=second, moderator=mona)
    assert Photo.objects.visible_to(alice).exists()
    assert drift() == 0


def test_what_is_gone_meanwhile_is_no_error(mona: User, alice: User, bob: User) -> None:
    photo = make_photo(bob)
    written = comment(author=alice, photo_id=photo.pk, text="Rude")
    removed, hidden = decided(written, Verb.REMOVE, mona), decided(photo, Verb.HIDE, mona)
    delete_photo(photo=photo)
    assert deciding.undo(decision=removed, moderator=mona)
    assert deciding.undo(decision=hidden, moderator=mona)
    assert not deciding.undo(decision=hidden, moderator=mona)
    assert not Comment.objects.exists()


def test_a_sensitive_photo_is_blurred_on_pages_and_says_so_over_the_api(
    api_as: As, browser_as: As, mona: User, alice: User, bob: User
) -> None:
    photo = make_photo(alice, "Words of it")
    assert api_as(bob).get(f"/api/v1/photos/{photo.pk}/").json()["sensitive"] is False
    decision = decided(photo, Verb.SENSITIVE, mona)
    assert api_as(bob).get(f"/api/v1/photos/{photo.pk}/").json()["sensitive"] is True
    assert api_as(bob).get("/api/v1/explore/").json()["results"][0]["sensitive"] is True
    page = browser_as(None).get(f"/p/{photo.code}/").text
    assert "stage sensitive" in page
    assert "og:image" not in page
    assert "tile sensitive" in browser_as(bob).get("/@alice/").text
    deciding.undo(decision=decision, moderator=mona)
    assert "sensitive" not in browser_as(None).get(f"/p/{photo.code}/").text


def test_a_limited_person_reaches_followers_only(mona: User, alice: User, bob: User) -> None:
    make_follow(bob, alice)
    photo = make_photo(alice)
    stranger = make_user()
    decision = decided(alice, Verb.LIMIT, mona)
    for viewer in (stranger, AnonymousUser()):
        assert explore.recent_page(viewer, None).items == []
        assert explore.popular_page(viewer, None).items == []
    assert alice not in [one.person for one in suggested(stranger)]
    assert [card.id for card in feed.feed_page(bob, None).items] == [photo.pk]
    assert Photo.objects.visible_to(stranger).exists()
    deciding.undo(decision=decision, moderator=mona)
    assert len(explore.recent_page(stranger, None).items) == 1
    assert alice in [one.person for one in suggested(stranger)]


def test_a_suspension_ends_by_itself(mona: User, alice: User) -> None:
    decision = decided(alice, Verb.SUSPEND, mona, ends_at=timezone.now() + timedelta(days=1))
    assert deciding.end_suspensions() == 0
    Decision.objects.filter(pk=decision.pk).update(ends_at=timezone.now())
    assert deciding.end_suspensions() == 1
    assert deciding.end_suspensions() == 0
    assert User.objects.get(pk=alice.pk).is_active
    assert acts() == ["suspend", "ended"]


def test_who_is_suspended_twice_stays_until_both_have_ended(mona: User, alice: User) -> None:
    short = decided(alice, Verb.SUSPEND, mona, ends_at=timezone.now() + timedelta(days=1))
    decided(alice, Verb.SUSPEND, mona)
    Decision.objects.filter(pk=short.pk).update(ends_at=timezone.now())
    deciding.end_suspensions()
    assert not User.objects.get(pk=alice.pk).is_active
    deciding.restore(user=alice, moderator=mona)
    assert User.objects.get(pk=alice.pk).is_active
    assert not Decision.objects.filter(undone_at=None).exists()


@pytest.mark.parametrize(
    "options",
    [
        {"verb": Verb.WARN, "ends_at": timezone.now() + timedelta(days=1)},
        {"verb": Verb.SUSPEND, "ends_at": timezone.now() - timedelta(days=1)},
        {"verb": Verb.WARN, "reason": "  "},
        {"verb": Verb.HIDE},
        {"verb": "no_such"},
    ],
)
def test_what_makes_no_sense_is_refused(mona: User, alice: User, options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        decided(alice, moderator=mona, **options)
    assert ModerationCase.objects.get().state == "open"
    assert not Decision.objects.exists()


def test_a_case_is_decided_once(mona: User, alice: User) -> None:
    case = reported(alice)
    deciding.decide(case=case, moderator=mona, verb=Verb.DISMISS, reason="Fine.")
    with pytest.raises(CannotDecide, match="has been decided"):
        deciding.decide(case=case, moderator=mona, verb=Verb.SUSPEND, reason="Not fine.")
    again = reported(alice)
    assert again.pk != case.pk


def test_nobody_decides_about_themself_or_about_staff(mona: User) -> None:
    other = make_moderator("otto")
    for person, sentence in ((mona, "it is yours"), (other, "Only superusers")):
        with pytest.raises(CannotDecide, match=sentence):
            decided(person, Verb.SUSPEND, mona)
    root = make_user("root")
    root.is_superuser = root.is_staff = True
    root.save()
    assert decided(make_photo(other), Verb.WARN, root).person == other


def test_an_avatar_is_removed_for_good(mona: User, alice: User) -> None:
    profiles.change_avatar(user=alice, image=BytesIO(picture()))
    name = alice.avatar[0][1]
    decision = decided(alice, Verb.REMOVE_AVATAR, mona)
    assert User.objects.get(pk=alice.pk).avatar == []
    assert decision.kept == {}
    assert name


def test_a_banned_picture_is_refused_in_photos_and_as_an_avatar(
    api_as: As, mona: User, alice: User, bob: User
) -> None:
    content = picture()
    photo = published(author=alice, image=[BytesIO(content), BytesIO(picture((500, 400)))])
    decision = decided(photo, Verb.BAN_PICTURE, mona)
    assert BannedPicture.objects.count() == 2
    with pytest.raises(ImageRejected, match="have removed this picture"):
        publish(author=bob, image=BytesIO(content))
    with pytest.raises(ImageRejected, match="have removed this picture"):
        profiles.change_avatar(user=bob, image=BytesIO(content))
    client = api_as(bob)
    answer = client.post("/api/v1/media/", {"image": BytesIO(content)}, format="multipart")
    assert answer.status_code == 422
    assert answer.json()["errors"]["image"][0]["code"] == "banned_picture"
    published(author=bob, image=BytesIO(picture((401, 300))))
    deciding.undo(decision=decision, moderator=mona)
    published(author=bob, image=BytesIO(content))
    assert Photo.objects.visible_to(alice).filter(pk=photo.pk).exists()


def test_a_ban_outlives_the_account(mona: User, alice: User, bob: User) -> None:
    content = picture()
    decided(published(author=alice, image=BytesIO(content)), Verb.BAN_PICTURE, mona)
    profiles.delete_account(user=alice)
    with pytest.raises(ImageRejected):
        publish(author=bob, image=BytesIO(content))


def test_what_was_removed_goes_after_thirty_days_and_what_is_hidden_stays(
    mona: User, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    old = published(author=alice, image=BytesIO(picture()))
    hidden = published(author=alice, image=BytesIO(picture((500, 300))))
    decided(old, Verb.REMOVE, mona)
    decided(hidden, Verb.HIDE, mona)
    assert evidence.empty_bin() == 0
    kept = Removal.objects.get(photo=old).purge_at
    assert kept is not None
    assert abs(kept - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert Removal.objects.get(photo=hidden).purge_at is None
    Removal.objects.filter(photo=old).update(purge_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        assert evidence.empty_bin() == 1
    assert list(Photo.objects.all()) == [hidden]
    assert not default_storage.exists(old.original)
    assert default_storage.exists(hidden.original)
    assert drift() == 0
    assert acts()[-1] == "deleted"
    assert evidence.empty_bin() == 0


def test_a_photo_that_is_only_hidden_again_is_not_deleted(mona: User, alice: User) -> None:
    photo = make_photo(alice)
    decided(photo, Verb.HIDE, mona)
    removed = decided(photo, Verb.REMOVE, mona)
    assert Removal.objects.get().purge_at is not None
    deciding.undo(decision=removed, moderator=mona)
    assert Removal.objects.get().purge_at is None


def test_sessions_from_before_a_suspension_end_for_good(
    api_as: As, mona: User, alice: User
) -> None:
    client = api_as(alice)
    decision = decided(alice, Verb.SUSPEND, mona)
    deciding.undo(decision=decision, moderator=mona)
    assert client.get("/api/v1/me/").status_code == 401


def test_an_account_suspended_without_a_decision_is_restored(mona: User, alice: User) -> None:
    suspend(user=alice)
    deciding.restore(user=alice, moderator=mona)
    assert User.objects.get(pk=alice.pk).is_active
