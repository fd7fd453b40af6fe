"""Two people in two browsers meet, talk, share, quarrel and make up; moderators see to the rest.

One story, so that each chapter finds what the ones before have left: what a page, a badge or a
count says is what the other one has just done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from photos.models import Photo
from tests.browser.conftest import Open
from tests.browser.gates.test_every_page_in_chromium import empty_log
from tests.factories import make_user, picture
from tests.social.moderation.scene import make_moderator

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
# Whatever waits for a decoder.
PATIENCE_MS = 30_000
# From this width on comments stand beside their photo.
WIDE = 768


@dataclass
class Story:
    """The browsers, and where the photo is that all of it is about."""

    open_as: Open
    alice: Page
    bob: Page
    file: Path
    address: str = ""


def sent(page: Page) -> AbstractContextManager[Any]:
    """Return a context that waits until the site has answered what was pressed in it."""
    return page.expect_response(lambda answer: answer.request.method == "POST")


def badge(page: Page) -> Locator:
    """Return what the bell says."""
    return page.locator(".nav .dot")


def told(page: Page, number: int, *sentences: str) -> None:
    """Find so much on the badge, and in the list these sentences as news; both are read then."""
    page.goto("/feed/")
    expect(badge(page)).to_contain_text(str(number))
    page.get_by_role("link", name="Activity").click()
    expect(page.locator(".news.unread")).to_have_count(number)
    for sentence in sentences:
        expect(page.locator(".news.unread", has_text=sentence)).to_have_count(1)
    expect(badge(page)).to_be_empty()


def not_there(page: Page, path: str) -> None:
    """Find that an address leads nowhere."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 404


def publish(page: Page, file: Path, caption: str, description: str) -> str:
    """Publish a photo with the form and return its address."""
    page.get_by_role("link", name="New photo").click()
    page.get_by_label("Choose photos").set_input_files(file)
    page.get_by_label("Caption").fill(caption)
    page.get_by_label("Description").locator("visible=true").fill(description)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Your photo is published.")).to_be_visible(timeout=PATIENCE_MS)
    return Photo.objects.latest("pk").get_absolute_url()


def open_comments(page: Page, address: str) -> None:
    """Open the page of a photo, and on a phone the sheet with what was said below it."""
    page.goto(address)
    if page.viewport_size and page.viewport_size["width"] < WIDE:
        page.get_by_role("button", name="Comments").click()


def menu_of(page: Page, name: str) -> Locator:
    """Open somebody's profile and its menu."""
    page.goto(f"/@{name}/")
    page.get_by_role("button", name="Profile menu").click()
    return page.locator("#profile-menu")


def a_request_is_accepted(story: Story) -> None:
    alice, bob = story.alice, story.bob
    bob.goto("/@alice/")
    expect(bob.get_by_role("heading", name="This account is private")).to_be_visible()
    with sent(bob):
        bob.get_by_role("button", name="Follow alice").click()
    expect(bob.get_by_role("button", name="Requested")).to_be_visible()
    alice.goto("/feed/")
    expect(badge(alice)).to_contain_text("1")
    alice.get_by_role("link", name="Activity").click()
    alice.get_by_role("button", name="Accept").click()
    expect(alice.get_by_role("status")).to_contain_text("@bob now follows you.")
    bob.reload()
    expect(bob.get_by_role("button", name="Following: unfollow alice")).to_be_visible()
    told(bob, 1, "alice accepted your request")


def a_photo_is_published_and_names_somebody(story: Story) -> None:
    story.alice.goto("/feed/")
    words = "At the #lake with @bob"
    story.address = publish(story.alice, story.file, words, "A lake before sunrise")
    told(story.bob, 1, "alice mentioned you")
    story.bob.get_by_role("link", name="Home").click()
    shown = story.bob.get_by_alt_text("A lake before sunrise")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def they_talk(story: Story) -> None:
    alice, bob = story.alice, story.bob
    bob.goto(story.address)
    with sent(bob):
        bob.get_by_role("button", name="Like").click()
    expect(bob.locator(".actions form.like button")).to_have_attribute("aria-pressed", "true")
    bob.get_by_role("button", name="Comments").click()
    bob.get_by_label("Comment", exact=True).fill("Lovely, @alice")
    bob.get_by_role("button", name="Send").click()
    expect(bob.get_by_role("heading", name="1 comment")).to_be_visible()
    told(alice, 2, "bob likes your photo", "bob commented on your photo")
    alice.goto(story.address)
    talk = alice.locator(".comment-list")
    talk.get_by_role("link", name="Reply").click()
    alice.get_by_label("Reply to bob").fill("Come along next time")
    talk.get_by_role("button", name="Send").click()
    expect(alice.get_by_role("list", name="Replies")).to_contain_text("Come along next time")
    expect(alice.get_by_role("heading", name="2 comments")).to_be_visible()
    with sent(alice):
        talk.get_by_role("button", name="Like").first.click()
    told(bob, 2, "alice replied to your comment", "alice likes your comment")
    open_comments(bob, story.address)
    bob.locator(".comment-list").get_by_role("link", name="Edit").click()
    bob.get_by_role("textbox").filter(has_text="Lovely").fill("Lovely light, @alice")
    with sent(bob):
        bob.get_by_role("button", name="Save").click()
    alice.goto(story.address)
    expect(talk).to_contain_text("Lovely light, @alice")
    expect(talk.get_by_text("edited", exact=True)).to_be_visible()
    # What was edited is no news.
    alice.goto("/feed/")
    expect(badge(alice)).to_be_empty()


def an_album_of_both(story: Story) -> None:
    alice, bob = story.alice, story.bob
    alice.goto("/albums/new/")
    alice.get_by_label("Title").fill("Summer")
    alice.get_by_label("Followers").check()
    alice.get_by_role("button", name="Create album").click()
    expect(alice.get_by_role("heading", name="Summer")).to_be_visible()
    album = alice.url
    alice.goto(f"{story.address}save/")
    alice.get_by_role("button", name="Add to Summer").click()
    expect(alice.get_by_role("button", name="Remove from Summer")).to_be_visible()
    alice.goto(album)
    alice.get_by_role("main").get_by_role("button", name="More").click()
    alice.get_by_role("link", name="Who can add photos").click()
    alice.get_by_label("Name").fill("bob")
    alice.get_by_role("button", name="Invite").click()
    expect(alice.get_by_text("@bob has been invited.")).to_be_visible()
    told(bob, 1, "alice invites you to add photos to an album")
    bob.goto("/albums/")
    bob.get_by_role("button", name="Accept").click()
    expect(bob.get_by_role("heading", name="Invitations")).to_have_count(0)
    his = publish(bob, story.file, "On the pier", "A pier")
    bob.goto(f"{his}save/")
    bob.get_by_role("button", name="Add to Summer").click()
    expect(bob.get_by_role("button", name="Remove from Summer")).to_be_visible()
    alice.goto(album)
    expect(alice.locator("a.tile")).to_have_count(2)
    expect(alice.get_by_text("2 photos")).to_be_visible()


def a_link_for_somebody_without_an_account(story: Story) -> None:
    alice, visitor = story.alice, story.open_as(width=390)
    alice.goto(story.address)
    alice.get_by_role("button", name="More actions").click()
    alice.get_by_role("link", name="Share by link").click()
    alice.get_by_role("button", name="Create link").click()
    link = alice.get_by_label("Link", exact=True).input_value()
    path = link[link.index("/s/") :]
    visitor.goto(path)
    expect(visitor.get_by_text("At the #lake")).to_be_visible()
    expect(visitor.get_by_text("Lovely light")).to_have_count(0)
    not_there(visitor, story.address)
    alice.get_by_role("link", name="Your links").click()
    alice.get_by_role("button", name="Turn off").click()
    expect(alice.get_by_text("The link has been turned off.")).to_be_visible()
    not_there(visitor, path)


def a_photo_goes_and_comes_back(story: Story) -> None:
    alice, bob = story.alice, story.bob
    alice.goto(story.address)
    alice.get_by_role("button", name="More actions").click()
    with sent(alice):
        alice.get_by_role("link", name="Delete").click()
    expect(alice.get_by_text("Photo deleted")).to_be_visible()
    not_there(bob, story.address)
    bob.goto("/feed/")
    expect(bob.get_by_alt_text("A lake before sunrise")).to_have_count(0)
    alice.goto("/settings/deleted/")
    alice.get_by_role("button", name="Restore").click()
    with sent(alice):
        alice.locator("#toasts").get_by_role("button", name="Close").click()
    open_comments(bob, story.address)
    expect(bob.get_by_role("heading", name="2 comments")).to_be_visible()
    like = bob.locator(".actions form.like button")
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(like).to_contain_text("1")


def one_is_muted_for_a_while(story: Story) -> None:
    bob = story.bob
    shown = bob.get_by_alt_text("A lake before sunrise")
    menu_of(bob, "alice").get_by_role("link", name="Mute").click()
    bob.get_by_role("button", name="Mute").click()
    expect(bob.get_by_text("You’ve muted @alice.")).to_be_visible()
    bob.goto("/feed/")
    expect(bob.locator("article.card")).to_have_count(1)
    expect(shown).to_have_count(0)
    story.alice.goto("/activity/")
    expect(story.alice.locator(".news.unread")).to_have_count(0)
    menu_of(bob, "alice").get_by_role("button", name="Unmute").click()
    expect(bob.get_by_text("is no longer muted")).to_be_visible()
    bob.goto("/feed/")
    expect(shown).to_be_visible()


def a_report_a_decision_and_an_appeal(story: Story) -> None:
    alice, bob = story.alice, story.bob
    bob.goto(story.address)
    bob.get_by_role("button", name="More actions").click()
    bob.get_by_role("link", name="Report").click()
    bob.get_by_label("Spam or advertising").check()
    bob.get_by_role("button", name="Send report").click()
    expect(bob.get_by_role("status")).to_contain_text("The moderators will take a look")
    decided(story.open_as(make_moderator("mona")))
    not_there(bob, story.address)
    told(bob, 1, "The moderators have decided about your report.")
    told(alice, 1, "The moderators have made a decision about you.")
    alice.locator(".news", has_text="a decision about you").get_by_role("link").click()
    expect(alice.get_by_text("Your photo has been hidden")).to_be_visible()
    expect(alice.get_by_text("This is no advertising.")).to_be_visible()
    expect(alice.get_by_role("main")).not_to_contain_text("mona")
    alice.get_by_role("link", name="Appeal").click()
    alice.get_by_label("Why is the decision wrong?").fill("It is a lake.")
    alice.get_by_role("button", name="Send appeal").click()
    expect(alice.get_by_text("Your appeal has been sent.")).to_be_visible()
    accepted(story.open_as(make_moderator("otto")))
    told(alice, 1, "The moderators have made a decision about you.")
    open_comments(bob, story.address)
    expect(bob.get_by_role("heading", name="2 comments")).to_be_visible()


def open_case(desk: Page) -> None:
    """Open the one case that waits."""
    desk.goto("/admin/")
    desk.get_by_role("link", name="1 case waiting").click()
    desk.get_by_role("link", name="photo of @alice").click()
    pictures = desk.locator(".case-thing img")
    assert pictures.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def decided(desk: Page) -> None:
    """Hide the photo, as a moderator who takes it for an advertisement."""
    open_case(desk)
    expect(desk.get_by_text("Spam or advertising")).to_be_visible()
    desk.get_by_label("Hide the photo").check()
    desk.get_by_label("Reason").fill("This is no advertising.")
    desk.get_by_role("button", name="Decide").click()
    expect(desk.get_by_text("Done.")).to_be_visible()


def accepted(desk: Page) -> None:
    """Accept the appeal, as another moderator."""
    open_case(desk)
    expect(desk.get_by_text("It is a lake.")).to_be_visible()
    desk.get_by_role("button", name="Accept the appeal").click()
    expect(desk.get_by_text("Done.")).to_be_visible()


def a_block_and_its_end(story: Story) -> None:
    alice, bob = story.alice, story.bob
    menu_of(alice, "bob").get_by_role("button", name="Block").click()
    with sent(alice):
        alice.locator("#profile-block").get_by_role("button", name="Block").click()
    expect(alice.get_by_role("heading", name="You have blocked this person")).to_be_visible()
    for path in ("/@alice/", story.address):
        not_there(bob, path)
    bob.goto("/activity/")
    expect(bob.locator(".news", has_text="alice")).to_have_count(0)
    alice.goto(story.address)
    expect(alice.locator("main")).not_to_contain_text("Lovely light")
    menu_of(alice, "bob").get_by_role("button", name="Unblock").click()
    expect(alice.get_by_role("button", name="Follow bob")).to_be_visible()
    bob.goto("/@alice/")
    expect(bob.get_by_role("heading", name="This account is private")).to_be_visible()
    expect(bob.get_by_role("button", name="Follow alice")).to_be_visible()


@pytest.fixture
def log_to_be_emptied(transactional_db: None) -> Iterator[None]:
    """Let the end of the test empty all tables, the log of the moderators too."""
    yield
    empty_log()


CHAPTERS: list[Callable[[Story], None]] = [
    a_request_is_accepted,
    a_photo_is_published_and_names_somebody,
    they_talk,
    an_album_of_both,
    a_link_for_somebody_without_an_account,
    a_photo_goes_and_comes_back,
    one_is_muted_for_a_while,
    a_report_a_decision_and_an_appeal,
    a_block_and_its_end,
]


@pytest.mark.usefixtures("log_to_be_emptied")
def test_two_people_go_through_all_of_it_side_by_side(
    open_as: Open, tmp_path: Path, faults: list[str]
) -> None:
    alice, bob = make_user("alice", private=True), make_user("bob")
    file = tmp_path / "lake.jpg"
    file.write_bytes(picture((600, 400)))
    story = Story(open_as, open_as(alice), open_as(bob, width=390), file)
    for chapter in CHAPTERS:
        chapter(story)
    # What is not there is said by the browser as well.
    faults[:] = [fault for fault in faults if "status of 404" not in fault]
