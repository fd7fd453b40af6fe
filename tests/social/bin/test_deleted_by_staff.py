"""What staff delete in the admin goes where it goes elsewhere, and staff bring it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import RequestFactory

from accounts.models import Follow, FormerName, User
from photos.bin import comments
from photos.models import KEPT, Comment, DeletedComment, Mention, Photo, Removal
from photos.services import comment
from social.models import Notification, ShareLink
from social.moderation import deciding
from social.moderation.models import Verb
from tests.factories import make_photo, make_user
from tests.social.bin.test_bin import drift
from tests.social.moderation.scene import make_moderator, reported

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
COMMENTS, BIN = "/admin/photos/comment/", "/admin/photos/deletedcomment/"
# What the admin deletes, and what becomes of it; all else has no such action.
IN_A_BIN = {Photo, Comment}
GONE = {
    User: "An account is deleted with all that is its own, wherever that is done.",
    Follow: "Ended, as on the site; there is nothing to bring back.",
    ShareLink: "Revoked, as on the site: a link that comes back could be in anybody's hands.",
    FormerName: "Set free: the name was only reserved.",
    Removal: "The end of the bin.",
    DeletedComment: "The end of the bin.",
    Group: "Rights of staff, and nothing that people have made.",
}


@pytest.fixture
def root(db: None) -> User:
    user = make_user("root")
    user.is_staff = user.is_superuser = True
    user.save()
    return user


def act(client: Any, page: str, name: str, *rows: Any) -> str:
    """Tick rows in a list of the admin, run an action on them and return the page after it."""
    ticked = {"action": name, "_selected_action": [row.pk for row in rows], "post": "yes"}
    return str(client.post(page, ticked, follow=True).text)


def test_every_model_that_the_admin_deletes_has_a_place_where_it_goes(root: User) -> None:
    request = RequestFactory().get("/admin/")
    request.user = root
    deleting = {
        model for model, page in admin.site._registry.items() if page.has_delete_permission(request)
    }
    assert deleting == {*IN_A_BIN, *GONE}


def test_a_comment_comes_back_with_what_it_names_and_tells_nobody_again(
    browser_as: As, api_as: As, alice: User, bob: User, carol: User, root: User
) -> None:
    photo, desk = make_photo(alice), browser_as(root)
    first = comment(author=bob, photo_id=photo.pk, text="Look @carol")
    comment(author=alice, photo_id=photo.pk, text="Yes", reply_to=first)
    address = f"/api/v1/photos/{photo.pk}/comments/"
    before = api_as(carol).get(address).json()
    told = set(Notification.objects.values_list("recipient", "kind", "target_id", "latest"))
    act(desk, COMMENTS, "delete_selected", first)
    assert api_as(carol).get(address).json()["results"][0]["text"] == ""
    assert api_as(carol).get("/api/v1/me/activity/").json()["results"] == []
    assert drift() == 0
    # Neither who wrote it nor who deleted it has it in a bin of their own.
    for person in (alice, bob, root):
        assert api_as(person).get("/api/v1/me/deleted/comments/").json()["results"] == []
    assert "Look @carol" in desk.get(BIN).text
    page = act(desk, BIN, "bring_back", DeletedComment.objects.get())
    assert "is back where it was" in page
    assert api_as(carol).get(address).json() == before
    assert Mention.objects.get().user_id == carol.pk
    assert set(Notification.objects.values_list("recipient", "kind", "target_id", "latest")) == told
    assert not DeletedComment.objects.exists()
    assert drift() == 0


def test_staff_have_no_list_of_what_people_have_deleted_themselves(
    browser_as: As, api_as: As, alice: User, root: User
) -> None:
    photo = make_photo(alice)
    written = comment(author=alice, photo_id=photo.pk, text="Private thought")
    api_as(alice).delete(f"/api/v1/photos/{photo.pk}/comments/{written.pk}/")
    deleted = DeletedComment.objects.get()
    desk = browser_as(root)
    assert "Private thought" not in desk.get(BIN).text
    assert desk.get(f"{BIN}{deleted.pk}/change/").status_code == 302
    act(desk, BIN, "bring_back", deleted)
    act(desk, BIN, "delete_selected", deleted)
    assert DeletedComment.objects.get() == deleted


def test_a_decision_stands_above_the_bin_of_the_staff(
    browser_as: As, alice: User, root: User
) -> None:
    written = comment(author=alice, photo_id=make_photo(alice).pk, text="Rude")
    case, desk = reported(written), browser_as(root)
    act(desk, COMMENTS, "delete_selected", written)
    mona = make_moderator()
    removed = deciding.decide(case=case, moderator=mona, verb=Verb.REMOVE, reason="Rude.")
    assert "take it back in its case" in act(desk, BIN, "bring_back", DeletedComment.objects.get())
    deciding.undo(decision=removed, moderator=mona)
    assert not Comment.objects.exists()
    act(desk, BIN, "bring_back", DeletedComment.objects.get())
    assert Comment.objects.get().text == "Rude"


def test_staff_forget_a_comment_and_so_does_time(
    browser_as: As, alice: User, root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, desk = make_photo(alice), browser_as(root)
    both = [comment(author=alice, photo_id=photo.pk, text=text) for text in ("One", "Two")]
    act(desk, COMMENTS, "delete_selected", *both)
    act(desk, BIN, "delete_selected", DeletedComment.objects.get(text="One"))
    assert DeletedComment.objects.get().text == "Two"
    monkeypatch.setattr(comments, "KEPT", -KEPT)
    assert comments.empty_bin() == 1


def test_the_list_is_for_those_with_the_permission(browser_as: As) -> None:
    assert browser_as(make_moderator("plain", "view_moderationcase")).get(BIN).status_code == 403
