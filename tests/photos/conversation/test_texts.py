"""What captions and comments name is written with them: tags, mentions, links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.people import read_words
from accounts.services import suspend
from minigram_site.web.templating.linked import entities_in, linked, path_of
from photos.cards import cards_of
from photos.conversation.comments import edit_comment
from photos.models import Mention, Photo, PhotoTag, Tag
from photos.services import comment, delete_comment, edit_photo
from social import follows
from social.profiles import delete_account, edit_profile
from tests.factories import make_photo, make_user
from tests.social.lean import ONE_LESS

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]


def tags_of(photo: Photo) -> set[str]:
    return set(PhotoTag.objects.filter(photo=photo).values_list("tag__key", flat=True))


def mentioned(photo: Photo) -> set[str]:
    return set(Mention.objects.filter(photo=photo).values_list("user__username", flat=True))


def words(text: str, author: User) -> list[str]:
    """Return the parts of ``text`` that are links."""
    return [text[int(one[1]) : int(one[2])] for one in read_words(text, author).entities]


def test_only_people_who_exist_are_mentioned(alice: User, bob: User) -> None:
    assert words("@bob @nobody a@bob.example @bob_ @BOB", alice) == ["@bob", "@bob", "@BOB"]


def test_the_longest_name_that_exists_wins(alice: User) -> None:
    for name in ("lee", "lee_dohm", "kim_"):
        make_user(name)
    assert words("@lee_dohm @kim_ @lee_", alice) == ["@lee_dohm", "@kim_", "@lee"]


def test_a_block_or_suspension_keeps_people_from_being_mentioned(alice: User, bob: User) -> None:
    suspended = make_user("sue")
    suspend(user=suspended)
    follows.block(blocker=bob, blocked=alice)
    assert words("@bob @sue @alice", alice) == ["@alice"]


def test_the_first_twenty_are_mentioned_and_further_names_are_words(alice: User) -> None:
    people = [make_user(f"friend{number:02}") for number in range(22)]
    text = " ".join(map(str, [*people, people[0]]))
    photo = make_photo(alice, caption=text)
    assert len(mentioned(photo)) == 20
    assert words(text, alice) == [*map(str, people[:20]), "@friend00"]


def test_nobody_is_a_mention_in_their_own_text_but_a_link(alice: User) -> None:
    photo = make_photo(alice, caption="by @alice")
    assert mentioned(photo) == set()
    assert words("by @alice", alice) == ["@alice"]


def test_a_caption_that_is_edited_has_the_tags_and_mentions_of_its_new_words(
    alice: User, bob: User
) -> None:
    make_user("dave")
    photo = make_photo(alice, caption="#Sea #dawn with @bob")
    assert (tags_of(photo), mentioned(photo)) == ({"sea", "dawn"}, {"bob"})
    kept = set(PhotoTag.objects.filter(tag__key="dawn").values_list("pk", flat=True))
    edit_photo(photo=photo, caption="#dawn #dusk with @dave")
    assert (tags_of(photo), mentioned(photo)) == ({"dawn", "dusk"}, {"dave"})
    assert set(PhotoTag.objects.filter(tag__key="dawn").values_list("pk", flat=True)) == kept
    edit_photo(photo=photo, caption="")
    assert (tags_of(photo), mentioned(photo)) == (set(), set())
    assert cards_of([photo.pk], alice)[0].caption_entities == "[]"


def test_a_comment_that_is_edited_mentions_whom_its_new_words_name(alice: User, bob: User) -> None:
    make_user("dave")
    photo = make_photo(alice)
    written = comment(author=alice, photo_id=photo.pk, text="@bob")
    edit_comment(comment=written, text="@dave")
    assert mentioned(photo) == {"dave"}
    delete_comment(comment=written)
    assert mentioned(photo) == set()


def test_tags_in_comments_put_no_photo_on_the_page_of_the_tag(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    written = comment(author=bob, photo_id=photo.pk, text="#ugly")
    assert [one[3] for one in written.entities] == ["ugly"]
    assert tags_of(photo) == set()


def test_spellings_of_a_tag_are_one_row(alice: User) -> None:
    make_photo(alice, caption="#Été #été #E\u0301te\u0301")
    make_photo(alice, caption="#ÉTÉ")
    assert list(Tag.objects.values_list("key", flat=True)) == ["été"]


def test_a_link_keeps_to_the_person_whatever_their_name_is(
    browser_as: As, alice: User, bob: User
) -> None:
    caption = make_photo(alice, caption="@bob").caption
    html = linked(caption, read_words(caption, alice).entities)
    address = html.split('"')[1]
    assert browser_as(None).get(address)["Location"] == "/@bob/"
    User.objects.filter(pk=bob.pk).update(username="robert", email="robert@example.org")
    make_user("bob")
    assert browser_as(None).get(address)["Location"] == "/@robert/"
    follows.block(blocker=bob, blocked=alice)
    assert browser_as(alice).get(address).status_code == 404
    suspend(user=bob)
    assert browser_as(None).get(address).status_code == 404


def test_the_link_to_a_deleted_account_leads_to_nobody_who_takes_the_name(
    browser_as: As, alice: User, bob: User
) -> None:
    photo = make_photo(alice, caption="@bob")
    delete_account(user=bob)
    make_user("bob")
    assert mentioned(photo) == set()
    card = cards_of([photo.pk], alice)[0]
    (entity,) = entities_in(card.caption_entities)
    assert browser_as(None).get(path_of(card.caption, entity)).status_code == 404


@pytest.mark.parametrize("rows", [1, 20])
def test_showing_texts_asks_nothing_about_whom_they_name(
    browser_as: As, alice: User, bob: User, rows: int
) -> None:
    photo = make_photo(alice, caption="@bob #a https://example.org")
    for _ in range(rows):
        comment(author=bob, photo_id=photo.pk, text="@alice #b")
    client = browser_as(alice)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/p/{photo.code}/").status_code == 200
    assert len(queries) == 6 - ONE_LESS


XSS = [
    '<script>alert(1)</script> #<b>x</b> @"><img src=x onerror=alert(1)>',
    'https://example.org/"><script>alert(1)</script>',
    "https://example.org/'onmouseover='alert(1)",
    "#a\"onclick=\"alert(1) <a href='javascript:alert(1)'>x</a>",
    '<div hx-get="/x" data-hx-post="/y" hx-trigger="load">#tag</div> javascript:alert(1)',
    "a & b <b> https://example.org/?x=1&y=2 &amp; &#39;",
]


@pytest.mark.parametrize("text", XSS)
def test_what_people_write_is_text_everywhere(
    browser_as: As, alice: User, bob: User, text: str
) -> None:
    photo = make_photo(alice, caption=text)
    written = comment(author=bob, photo_id=photo.pk, text=text)
    comment(author=alice, photo_id=photo.pk, text=text, reply_to=written)
    edit_profile(user=alice, bio=text)
    for page in (f"/p/{photo.code}/", "/@alice/", "/feed/"):
        html = browser_as(alice).get(page).text
        assert "<script>alert" not in html
        assert "onerror=alert(1)>" not in html.replace("onerror=alert(1)&gt;", "")
        assert '<div hx-get="/x"' not in html
        assert "href='javascript" not in html
    html = linked(text, read_words(text, alice).entities)
    assert html.count("<a ") == len(read_words(text, alice).entities)
    assert not set(html.split("<")[1:]) & {"b>", "script>"}


def test_ampersands_are_escaped_once(alice: User) -> None:
    text = "a & b https://example.org/?x=1&y=2\nnext"
    assert linked(text, read_words(text, alice).entities) == (
        'a &amp; b <a href="https://example.org/?x=1&amp;y=2" rel="nofollow noopener ugc">'
        "https://example.org/?x=1&amp;y=2</a><br>next"
    )


def test_the_bio_has_its_links(browser_as: As, api_as: As, alice: User, bob: User) -> None:
    edit_profile(user=alice, bio="With @bob, #sea, www.example.org")
    html = browser_as(None).get("/@alice/").text
    assert 'href="/tags/sea/"' in html
    assert 'href="https://www.example.org"' in html
    body = api_as(bob).get("/api/v1/users/alice/").json()
    assert [one["type"] for one in body["bio_entities"]] == ["mention", "tag", "link"]
    assert body["bio_entities"][0]["value"] == str(bob.pk)
    edit_profile(user=alice, bio="Nothing")
    assert api_as(alice).get("/api/v1/me/").json()["bio_entities"] == []


def test_the_api_says_where_what_is_named_stands(api_as: As, alice: User, bob: User) -> None:
    photo = make_photo(alice, caption="😀 @bob #Été https://example.org/")
    body = api_as(alice).get(f"/api/v1/photos/{photo.pk}/").json()
    mention, tag, link = body["caption_entities"]
    shown = [body["caption"][one["start"] : one["end"]] for one in (mention, tag, link)]
    assert shown == ["@bob", "#Été", "https://example.org/"]
    assert (mention["value"], tag["value"]) == (str(bob.pk), "été")
    assert tag["url"] == "http://testserver/tags/%C3%A9t%C3%A9/"
    assert link["url"] == link["value"] == "https://example.org/"


@pytest.mark.parametrize("where", ["caption", "text"])
def test_too_many_tags_are_refused_with_a_sentence(api_as: As, alice: User, where: str) -> None:
    photo = make_photo(alice)
    many = "".join(f"#{number}t" for number in range(31))
    client = api_as(alice)
    if where == "caption":
        response = client.patch(f"/api/v1/photos/{photo.pk}/", {"caption": many})
    else:
        response = client.post(f"/api/v1/photos/{photo.pk}/comments/", {"text": many})
    assert response.status_code == 400
    (fault,) = response.json()["errors"][where]
    assert fault == {
        "code": "too_many_tags",
        "detail": "Use up to 30 different tags. You have 31.",
    }
    assert not Tag.objects.exists()


def test_a_caption_of_ten_thousand_tags_is_too_long(browser_as: As, alice: User) -> None:
    photo = make_photo(alice)
    response = browser_as(alice).post(f"/p/{photo.code}/edit/", {"caption": "#a" * 10_000})
    assert response.status_code == 422
    assert "at most 2200 characters" in response.text
