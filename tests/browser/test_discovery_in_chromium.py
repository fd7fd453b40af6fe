"""Finding people and tags, in a real browser: with a script, and by the links that need none."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import Follow, User
from social.models import FollowedTag
from tests.browser.answers.conftest import until
from tests.browser.conftest import Open
from tests.browser.test_pages_in_chromium import with_pictures
from tests.factories import make_follow, make_photo, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]


def test_a_tag_is_followed_where_one_stands_and_its_photos_come_home(
    open_as: Open, alice: User, bob: User
) -> None:
    make_photo(bob, "At the #sea")
    page = open_as(alice, width=390)
    with_pictures(page)
    page.goto("/tags/sea/")
    page.get_by_role("button", name="Follow the tag sea").click()
    expect(page.get_by_role("button", name="Unfollow the tag sea")).to_be_visible()
    assert page.url.endswith("/tags/sea/")
    page.goto("/feed/")
    expect(page.get_by_text("You follow #sea")).to_be_visible()
    page.goto("/tags/")
    page.get_by_role("button", name="Unfollow the tag sea").click()
    expect(page.get_by_text("You don’t follow any tags yet")).to_be_visible()
    assert not FollowedTag.objects.exists()


def test_people_to_follow_are_a_filter_of_explore(open_as: Open, alice: User, bob: User) -> None:
    make_follow(alice, bob)
    make_follow(bob, make_user("carla"))
    page = open_as(alice, width=390)
    page.goto("/explore/")
    expect(page.get_by_text("carla")).to_have_count(0)
    page.get_by_role("link", name="People").click()
    expect(page.get_by_text("Followed by bob")).to_be_visible()
    page.get_by_role("button", name="Follow carla").click()
    expect(page.get_by_role("button", name="Unfollow carla")).to_be_visible()
    # Painted when it was pressed, and brought to the site after that.
    until(page, Follow.objects.filter(follower=alice, followee__username="carla").exists)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_long_tags_and_names_stay_in_the_window(open_as: Open, alice: User, width: int) -> None:
    tag = "x" * 90
    stranger = make_user("a_person_with_a_rather_long_nam"[:30])
    for author in (stranger, make_user()):
        make_photo(author, f"#{tag}")
    page = open_as(alice, width=width)
    with_pictures(page)
    page.goto(f"/tags/{tag}/")
    page.get_by_role("button", name="Follow the tag").click()
    expect(page.get_by_role("button", name="Unfollow the tag")).to_be_visible()
    for path in (f"/tags/{tag}/", "/tags/", "/feed/", "/explore/", "/suggestions/"):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} px too wide at {width} px"
