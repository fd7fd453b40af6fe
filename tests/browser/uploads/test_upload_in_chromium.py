"""The upload page and drafts, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from photos.models import Draft, Media, Photo
from photos.uploads import processing
from social.publishing import publish, tasks
from tests.browser.conftest import Open
from tests.browser.hands import hold
from tests.factories import picture, published, upload
from tests.photos.image_files import encoded

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]

# Sizes by which the pictures are told apart afterwards.
SIZES = {"one.jpg": (400, 300), "two.jpg": (300, 400), "three.jpg": (320, 320)}
THERE = "#pictures .there"

Files = dict[str, Path]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Return three pictures by name."""
    for name, size in SIZES.items():
        (tmp_path / name).write_bytes(picture(size))
    return {name: tmp_path / name for name in SIZES}


@pytest.fixture
def page(open_as: Open, alice: User) -> Page:
    """Return the upload page as Alice sees it."""
    page = open_as(alice)
    page.goto("/upload/")
    return page


def choose(page: Page, *paths: Path) -> None:
    """Choose files in the form."""
    page.get_by_label("Choose photos").set_input_files(paths)


def press_publish(page: Page) -> None:
    """Press the button and wait for the photo."""
    page.get_by_role("button", name="Publish").click()
    # It waits for uploads, a decoder each.
    expect(page.get_by_text("Your photo is published.")).to_be_visible(timeout=30_000)


def sizes() -> list[tuple[int, int]]:
    """Return the sizes of the pictures of the one photo that there is."""
    return [(one.width, one.height) for one in Photo.objects.get().pictures]


def transfer(page: Page, content: bytes, name: str, kind: str) -> Any:
    """Return what the browser hands over when a file is dropped or pasted."""
    return page.evaluate_handle(
        """([bytes, name, type]) => { const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], name, {type}));
        return data; }""",
        [list(content), name, kind],
    )


def tell_lost(page: Page, address: str, *, times: int, answered: bool = False) -> list[str]:
    """Lose the connection at ``address`` for some requests, perhaps after they were answered."""
    lost: list[str] = []

    def handle(route: Route) -> None:
        if len(lost) >= times:
            route.continue_()
            return
        lost.append(route.request.url)
        if answered:
            route.fetch()
        route.abort("connectionreset")

    page.route(address, handle)
    return lost


def hold_uploads(page: Page) -> list[Route]:
    """Keep uploads under way; return those that wait."""
    return hold(page, "**/upload/media/")


def test_three_files_are_arranged_described_and_published(page: Page, files: Files) -> None:
    choose(page, *files.values())
    rows = page.locator("#pictures > li")
    expect(rows).to_have_count(3)
    expect(page.locator(THERE)).to_have_count(3)
    expect(page.get_by_role("button", name="Earlier")).to_be_disabled()
    rows.nth(2).click()
    page.get_by_role("button", name="Earlier").click()
    expect(rows.nth(1).get_by_role("button")).to_have_attribute(
        "aria-label", "Picture 2 of 3, three.jpg, uploaded"
    )
    expect(page.get_by_role("button", name="Earlier")).to_be_focused()
    page.get_by_label("Description").fill("The third")
    rows.nth(0).click()
    page.get_by_role("button", name="Remove").click()
    expect(rows).to_have_count(2)
    rows.nth(1).click()
    page.get_by_label("Description").fill("The second")
    page.get_by_label("Caption").fill("Two of three")
    press_publish(page)
    assert sizes() == [SIZES["three.jpg"], SIZES["two.jpg"]]
    photo = Photo.objects.get()
    assert [one.alt_text for one in photo.pictures] == ["The third", "The second"]
    assert photo.caption == "Two of three"
    assert not Media.objects.exists()


def test_without_javascript_several_files_become_one_photo(
    open_as: Open, alice: User, files: Files
) -> None:
    page = open_as(alice, script=False)
    page.goto("/upload/")
    choose(page, *files.values())
    page.get_by_label("Description").fill("The first")
    press_publish(page)
    assert sizes() == list(SIZES.values())


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_files_are_dropped_and_pasted(page: Page, way: str) -> None:
    data = transfer(page, picture(), "given.jpg", "image/jpeg")
    if way == "drop":
        page.dispatch_event("body", "drop", {"dataTransfer": data})
    else:
        page.evaluate(
            """data => document.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true}))""",
            data,
        )
    expect(page.locator(THERE)).to_have_count(1)
    press_publish(page)
    assert sizes() == [(400, 300)]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("big.jpg", b"\xff\xd8" + b"\0" * 1_300_000, "The limit is 1 MB"),
        ("many.png", encoded(Image.new("RGB", (1500, 1000)), "PNG"), "The limit is 1:"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This kind of file"),
        ("notes.txt", b"words", "This kind of file"),
        ("empty.jpg", b"", "This file is empty"),
    ],
    ids=["bytes", "pixels", "drawing", "text", "empty"],
)
def test_what_cannot_be_shared_is_told_before_it_is_sent(
    open_as: Open,
    alice: User,
    settings: Any,
    tmp_path: Path,
    files: Files,
    name: str,
    content: bytes,
    sentence: str,
) -> None:
    settings.MAX_UPLOAD_BYTES = 1024 * 1024
    settings.MAX_IMAGE_PIXELS = 1_000_000
    (tmp_path / name).write_bytes(content)
    page = open_as(alice)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto("/upload/")
    choose(page, tmp_path / name)
    expect(page.locator("#refused")).to_contain_text(sentence)
    expect(page.locator("#pictures > li")).to_have_count(0)
    assert "POST" not in sent


def test_a_picture_may_have_any_name(page: Page, files: Files, tmp_path: Path) -> None:
    names = ["IMG_0001", "HNI_0001.MPO", "IMG_0001.HIF", "photo.jpg_large", "photo.txt"]
    for name in names:
        (tmp_path / name).write_bytes(files["one.jpg"].read_bytes())
    choose(page, *(tmp_path / name for name in names))
    press_publish(page)
    assert sizes() == [SIZES["one.jpg"]] * len(names)


def test_a_picture_that_the_site_refuses_leaves_and_the_rest_is_published(
    page: Page, files: Files, tmp_path: Path
) -> None:
    (tmp_path / "fake.jpg").write_bytes(b"\xff\xd8\xff and no picture")
    page.set_viewport_size({"width": 360, "height": 740})
    choose(page, files["two.jpg"], tmp_path / "fake.jpg", files["one.jpg"])
    page.get_by_label("Caption").fill("Kept")
    before = page.evaluate("scrollY")
    expect(page.locator("#refused")).to_contain_text("fake.jpg: This picture is damaged")
    expect(page.locator("#pictures > li")).to_have_count(2)
    assert page.evaluate("scrollY") == before
    assert page.locator("#refused li p").evaluate(
        """line => { const {left, top, width, height} = line.getBoundingClientRect();
        const seen = document.elementFromPoint(left + width / 2, top + height / 2);
        return line.contains(seen); }"""
    )
    press_publish(page)
    assert sizes() == [SIZES["two.jpg"], SIZES["one.jpg"]]
    assert Photo.objects.get().caption == "Kept"


def test_a_lost_connection_is_told_and_trying_again_publishes_one_photo(
    page: Page, files: Files, faults: list[str]
) -> None:
    lost = tell_lost(page, "**/upload/media/", times=1)
    choose(page, files["one.jpg"])
    expect(page.locator("#fault")).to_contain_text("The connection was lost.")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(THERE)).to_have_count(1)
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    expect(page.locator("#pictures button")).to_be_focused()
    press_publish(page)
    assert len(lost) == 1
    assert sizes() == [SIZES["one.jpg"]]
    faults[:] = [line for line in faults if "ERR_CONNECTION_RESET" not in line]


def test_uploads_go_on_by_themselves_when_the_network_is_back(
    page: Page, files: Files, faults: list[str]
) -> None:
    page.context.set_offline(True)
    choose(page, *files.values())
    expect(page.locator("#pictures .wrong")).to_have_count(3)
    page.context.set_offline(False)
    expect(page.locator(THERE)).to_have_count(3)
    press_publish(page)
    assert sizes() == list(SIZES.values())
    faults[:] = [line for line in faults if "ERR_INTERNET_DISCONNECTED" not in line]


def test_an_answer_that_is_lost_does_not_publish_twice(
    page: Page, files: Files, faults: list[str]
) -> None:
    tell_lost(page, "**/upload/arrange/", times=1, answered=True)
    choose(page, files["one.jpg"])
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#upload-errors")).to_contain_text("nothing is published twice")
    assert Photo.objects.count() == 1
    press_publish(page)
    assert Photo.objects.count() == 1
    faults[:] = [line for line in faults if "ERR_CONNECTION_RESET" not in line]


def test_publish_waits_for_uploads_that_are_under_way(page: Page, files: Files) -> None:
    waiting = hold_uploads(page)
    choose(page, files["one.jpg"])
    page.get_by_role("button", name="Publish 1 photo").click()
    expect(page.locator("#publish")).to_have_text("Uploading 1 of 1")
    assert not Photo.objects.exists()
    waiting[0].continue_()
    expect(page.get_by_text("Your photo is published.")).to_be_visible()


def test_an_upload_is_cancelled(page: Page, files: Files) -> None:
    hold_uploads(page)
    choose(page, files["one.jpg"])
    expect(page.locator("#pictures .ring:not([hidden])")).to_have_count(1)
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#pictures > li")).to_have_count(0)
    expect(page.get_by_text("Choose photos")).to_be_visible()
    expect(page.get_by_label("Choose photos")).to_be_focused()
    assert not Photo.objects.exists()


def test_more_than_ten_pictures_are_too_many(page: Page, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jpg" for number in range(11)]
    for path in paths:
        path.write_bytes(picture((40, 30)))
    choose(page, *paths)
    expect(page.locator("#refused")).to_contain_text("up to 10 pictures: 1 was left out")
    expect(page.locator("#pictures > li")).to_have_count(10)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_photo_that_failed_is_tried_again_or_thrown_away_by_its_owner(
    open_as: Open, alice: User, settings: Any, script: bool
) -> None:
    settings.BACKGROUND_WORKER = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    for caption in ("Mended", "Thrown away"):
        draft = publish(author=alice, image=[upload()], caption=caption)
        assert isinstance(draft, Draft)
    Media.objects.update(state=Media.State.FAILED, reason=processing.PROCESSING_FAILED)
    page = open_as(alice, script=script)
    page.goto("/drafts/")
    expect(page.locator("article.draft")).to_have_count(2)
    expect(page.locator("article.draft").first).to_contain_text("Picture 1: ")
    card = page.locator("article.draft", has_text="Thrown away")
    card.get_by_role("button", name="Delete draft").click()
    if script:
        page.locator("#toasts").get_by_role("button", name="Close").click()
    expect(page.locator("article.draft")).to_have_count(1)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("article.draft")).to_contain_text("It is being prepared")
    tasks.process_media.call(Media.objects.get().pk)
    page.goto("/@alice/")
    expect(page.locator("a.tile")).to_have_count(1)


def test_a_draft_that_was_deleted_is_back_by_undo(open_as: Open, alice: User) -> None:
    Draft.objects.create(author=alice, caption="Half a story", sent=False)
    page = open_as(alice)
    page.goto("/drafts/")
    card = page.locator("article.draft")
    delete = card.get_by_role("button", name="Delete draft")
    delete.click()
    expect(card).to_be_hidden()
    toast = page.locator("#toasts")
    expect(toast).to_contain_text("The draft has been deleted.")
    toast.get_by_role("button", name="Undo").click()
    expect(delete).to_be_focused()
    page.reload()
    delete.click()
    with page.expect_response("**/discard/"):
        toast.get_by_role("button", name="Close").click()
    expect(card).to_have_count(0)
    assert not Draft.objects.exists()


def test_what_the_camera_says_is_shown_only_if_asked(
    open_as: Open, alice: User, files: Files
) -> None:
    assert published(author=alice, image=upload()).show_camera is False
    page = open_as(alice)
    page.goto("/upload/")
    expect(page.get_by_label("Show camera and exposure")).not_to_be_checked()
    choose(page, files["one.jpg"])
    page.get_by_label("Show camera and exposure").check()
    press_publish(page)
    assert Photo.objects.latest("id").show_camera is True
