"""What is found, and in which order: with one set of tests on either database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import User
from photos.models import Photo
from photos.pictures import Picture
from social import search
from tests.factories import make_follow, make_photo, make_user
from tests.social.search.asking import NOBODY, captions, people, suggested, tags

pytestmark = pytest.mark.django_db


def named(username: str, name: str) -> User:
    user = make_user(username)
    User.objects.filter(pk=user.pk).update(display_name=name)
    return user


@pytest.mark.parametrize(
    ("typed", "caption"),
    [
        ("night", "Night at the harbour"),
        ("NIGHT harbour", "Night at the harbour"),
        ("harb", "Night at the harbour"),
        ("harb ni", "Night at the harbour"),
        ("zurich", "Grüße aus Zürich"),
        ("Zürich", "Grüße aus Zürich"),
        ("zürich", "Grüße aus Zu\u0308rich"),
        ("don't", "please don't stop"),
        ("a-b", "the path a-b here"),
        ("@name", "with @name today"),
        ("#tag", "so #tag it"),
        ("it's", "it's: 50% off"),
        ("50%", "it's: 50% off"),
        ("c:\\temp", "see c:\\temp\\x"),
        ("mail@host.example", "write to mail@host.example please"),
        ("under_score", "an under_score"),
        ("2024", "Summer of 2024"),
        ("京都", "秋の京都旅行"),
        ("都", "秋の京都旅行"),
        ("都旅行", "秋の京都旅行"),
        ("たべ", "みんなでたべる"),
        ("北京", "我爱北京天安门"),
        ("안녕", "여러분안녕하세요"),
        ("ทะเล", "ไปทะเลกัน"),
        ("море", "Чёрное МОРЕ"),
        ("йод", "солёный Йод"),
        ("بحر", "بحر هادئ"),
        ("ένα", "Ένα νησί"),
    ],
)
def test_a_photo_is_found(alice: User, typed: str, caption: str) -> None:
    make_photo(alice, "Something else")
    make_photo(alice, caption)
    assert captions(typed) == [caption]


@pytest.mark.parametrize(
    ("typed", "caption"),
    [
        ("京庁", "東京都庁"),  # both characters, not beside each other
        ("ice", "orange juice"),  # no inside of words
        ("night xyz", "Night at the harbour"),  # one of two terms
        ("xy night", "Night at the harbour"),
        ("a night", "The night"),  # a short term filters as a long one does
        ("b-a", "the path a-b here"),
        ("n", "Night at the harbour"),  # one letter is a word
        ("NOT night", "Night at the harbour"),
        ("night OR xyz", "Night at the harbour"),
        ("caption:night", "Night at the harbour"),
        ("the*", "Night at a harbour"),
    ],
)
def test_a_photo_is_not_found(alice: User, typed: str, caption: str) -> None:
    make_photo(alice, caption)
    assert captions(typed) == []


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "%",
        "_",
        "%%",
        "'",
        '"',
        '""',
        "\\",
        "-",
        "--",
        ":",
        "*",
        "(",
        "&",
        "!",
        "🌊",
        "²",
        "👩‍👧",
        "\u202e",
        "\ufeff",
        "\u200d",
        "\x00",
        "<->",
        "@",
        "#",
        "...",
    ],
)
def test_what_has_no_words_finds_nothing(alice: User, typed: str) -> None:
    make_photo(alice, "Night {} #sea".format(typed.replace("\x00", "")))
    assert (people(typed), tags(typed), captions(typed), suggested(typed)) == ([], [], [], [])


@pytest.mark.parametrize(
    "typed",
    [
        "-night",
        "night:*",
        "'night",
        'ni"ght',
        "night)",
        "(night",
        "night & day",
        "night!",
        "\\night",
        "night'; DROP TABLE x",
        "a@b.example",
        "night\\",
        "^night",
        "{night}",
        "NEAR(night)",
        "+night",
        "night AND",
        "AND",
        "OR NOT",
        "col:night*",
        "%s",
        "%(me)s",
        "{me}",
        "١٢٣",
        "ﬁ",
        "İ",
        "ß",
    ],
)
def test_odd_words_are_words(alice: User, typed: str) -> None:
    make_photo(alice, f"before {typed} after")
    assert captions(typed) == [f"before {typed} after"]
    people(typed), tags(typed), suggested(typed)


def test_descriptions_are_searched_of_all_pictures(alice: User) -> None:
    make_photo(alice, "One", alt_text="A lighthouse")
    further = make_photo(alice, "Two")
    pictures = [Picture(4, 3, "", 'A "red"\nboat', "x", []), Picture(4, 3, "", "A gull", "y", [])]
    more = [picture.as_json() for picture in pictures]
    Photo.objects.filter(pk=further.pk).update(more=more)
    assert captions("lighthouse") == ["One"]
    assert captions("boat") == captions("gull") == captions("red") == ["Two"]


def test_whole_words_come_before_beginnings_and_then_the_newest(alice: User) -> None:
    for caption in ("cat 1", "catalogue 1", "cat 2", "catalogue 2"):
        make_photo(alice, caption)
    assert captions("cat") == ["cat 2", "cat 1", "catalogue 2", "catalogue 1"]


def test_pages_of_photos_go_on_where_they_ended_while_photos_come_and_go(alice: User) -> None:
    for number in range(4):
        make_photo(alice, f"cat {number}")
        make_photo(alice, f"catalogue {number}")
    query = search.parse("cat")
    found, cursor = [], None
    for _ in range(4):
        page = search.photos_page(query, alice, cursor, 3)
        found += [one.caption for one in page.items]
        cursor = page.next
        make_photo(alice, "cat new")
        if cursor is None:
            break
    wanted = [f"{word} {number}" for word in ("cat", "catalogue") for number in (3, 2, 1, 0)]
    assert found == wanted
    assert page.previous is not None
    back = search.photos_page(query, alice, page.previous, 3)
    assert [one.caption for one in back.items] == wanted[3:6]
    assert back.previous is not None
    first = search.photos_page(query, alice, back.previous, 3)
    assert [one.caption for one in first.items] == wanted[:3]


def test_people_are_found_by_user_name_and_name(alice: User) -> None:
    named("lena.berg", "Lena Ångström")
    named("kenji", "田中 健二")
    for typed in ("lena", "LENA", "@lena.b", "berg", "angst", "Ångström lena", "ngstr"):
        assert people(typed) == ["lena.berg"]
    assert people("中") == people("健二") == ["kenji"]
    assert people("lena tanaka") == people("lena.berg@example.org") == []


def test_people_are_ranked_by_name_follow_beginning_and_followers(alice: User) -> None:
    for username, followers in (
        ("anna", 0),
        ("anna1", 0),
        ("anna2", 3),
        ("anna3", 1),
        ("joanna", 4),
    ):
        person = make_user(username)
        for _ in range(followers):
            make_follow(make_user(), person)
    make_follow(alice, User.objects.get(username="joanna"))
    order = ["anna", "joanna", "anna2", "anna3", "anna1"]
    assert people("anna", alice) == order
    assert suggested("anna", alice) == order
    assert people("anna") == ["anna", "anna2", "anna3", "anna1", "joanna"]


def test_pages_of_people_repeat_and_miss_nobody_while_follows_come_in(alice: User) -> None:
    for number in range(9):
        person = make_user(f"lena{number}")
        for _ in range(number % 4):
            make_follow(make_user(), person)
    query, found, cursor = search.parse("lena"), [], None
    while True:
        page = search.people_page(query, alice, cursor, 2)
        found += [one.username for one in page.items]
        for one in User.objects.filter(username__startswith="lena"):
            for _ in range(2):
                make_follow(make_user(), one)
        if page.next is None:
            break
        cursor = page.next
    assert len(found) == len(set(found)) == 9
    assert page.previous is not None
    assert len(search.people_page(query, alice, page.previous, 2).items) == 2


def test_tags_are_ranked_by_name_beginning_and_use(alice: User) -> None:
    for caption in ("#sea", "#seaside", "#northsea", "#seal #blacksea", "#seaside"):
        make_photo(alice, caption)
    assert tags("sea") == tags("#Sea") == ["sea", "seaside", "seal", "blacksea", "northsea"]
    assert tags("SEASIDE") == ["seaside"]
    assert tags("京") == []
    make_photo(alice, "#京都旅行")
    assert tags("京") == tags("旅行") == ["京都旅行"]


def test_pages_of_tags_repeat_and_miss_none_while_photos_come_in(alice: User) -> None:
    make_photo(alice, " ".join(f"#sea{number}" for number in range(5)))
    for number in range(5, 9):
        make_photo(alice, f"#sea{number}")
    query, found, cursor = search.parse("sea"), [], None
    while True:
        page = search.tags_page(query, alice, cursor, 2)
        found += [one.key for one in page.items]
        if page.next is None:
            break
        make_photo(alice, "#sea1 #sea7 #seanew")
        cursor = page.next
    assert sorted(found) == [f"sea{number}" for number in range(9)]
    assert page.previous is not None
    assert len(search.tags_page(query, alice, page.previous, 2).items) == 2


def test_accents_are_kept_in_tags_and_mean_nothing_in_search(alice: User) -> None:
    make_photo(alice, "#Zähler")
    make_photo(alice, "#Zahler")
    assert tags("zähler") == ["zähler", "zahler"]
    assert tags("zahler") == ["zahler", "zähler"]


@pytest.fixture
def few_looked_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have suggestions look at three people who match, and at two whom the viewer follows."""
    statements = (search.people._typed, search.people._last_followed)
    for statement in statements:
        statement.cache_clear()
    monkeypatch.setattr(search.people, "MOST_TYPED", 3)
    monkeypatch.setattr(search.people, "MOST_FOLLOWED", 2)
    yield
    for statement in statements:
        statement.cache_clear()


@pytest.mark.usefixtures("few_looked_at")
def test_whom_somebody_follows_is_suggested_however_many_others_match(alice: User) -> None:
    followed = [named(f"begun{number}", f"Lena {number}") for number in range(6)]
    inside = named("helena", "Someone")
    for one in [*reversed(followed[-2:]), inside]:
        make_follow(alice, one)
    # Of the three whom she follows, the last two.
    assert suggested("lena", alice)[:2] == ["begun4", "helena"]
    assert "begun5" not in suggested("lena", alice)
    assert len(suggested("lena", alice)) == 5
    assert suggested("begun5", alice) == ["begun5"]


@pytest.mark.parametrize("typed", ["an", "anna", "joan"])
def test_suggestions_are_the_top_of_the_list(alice: User, typed: str) -> None:
    for number, username in enumerate(("annabel", "joanna", "anna", "hannah", "joan")):
        person = named(username, "Anna Joan" if number == 3 else "")
        for _ in range(number):
            make_follow(make_user(), person)
    make_follow(alice, User.objects.get(username="joanna"))
    for viewer in (alice, NOBODY):
        assert suggested(typed, viewer) == people(typed, viewer)[:6] != []
