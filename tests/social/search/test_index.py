"""The database keeps the index: however rows are written, search finds what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User, UserStats
from minigram_site.fields.snowflake import new_id
from photos.models import Photo, PhotoStats, PhotoTag, Tag
from photos.services import delete_photo, edit_photo
from social.profiles import delete_account
from social.search import matching, schema, upkeep
from social.search.typed import parse
from tests.factories import make_photo, make_user
from tests.social.search.asking import captions, indexed, people, suggested, tags

pytestmark = pytest.mark.django_db
is_sqlite = connection.vendor == "sqlite"
on_postgresql = pytest.mark.skipif(is_sqlite, reason="asks PostgreSQL")
on_sqlite = pytest.mark.skipif(not is_sqlite, reason="asks FTS5")


@pytest.fixture(autouse=True)
def sound() -> Iterator[None]:
    """Look the index over after each test."""
    yield
    assert list(upkeep.faults()) == []


def photos_of(author: User, captions: list[str]) -> list[Photo]:
    added = Photo.objects.bulk_create(
        [
            Photo(id=new_id(), author=author, caption=caption, width=4, height=3)
            for caption in captions
        ]
    )
    PhotoStats.objects.bulk_create([PhotoStats(photo=photo) for photo in added])
    UserStats.objects.filter(user=author).update(photo_count=F("photo_count") + len(added))
    return added


def test_bulk_inserts_updates_and_deletes_are_followed(alice: User) -> None:
    photos_of(alice, ["one boat", "two boats"])
    assert captions("boat") == ["one boat", "two boats"]
    Photo.objects.filter(author=alice).update(caption=Concat("caption", Value(" at sea")))
    assert len(captions("sea")) == 2
    Photo.objects.filter(caption__startswith="one").update(caption="gone", alt_text="a ship")
    assert captions("boat") == ["two boats at sea"]
    assert captions("ship") == ["gone"]
    Photo.objects.bulk_update(
        [Photo(pk=pk, caption="all new") for pk in Photo.objects.values_list("pk", flat=True)],
        ["caption"],
    )
    assert captions("sea") == []
    Photo.objects.filter(caption="all new").delete()
    assert captions("new") == []


def test_raw_statements_are_followed(alice: User) -> None:
    photo = make_photo(alice, "boat")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE photos_photo SET caption = %s WHERE id = %s", ["ship", photo.pk])
    assert (captions("boat"), captions("ship")) == ([], ["ship"])


def test_verbs_and_cascades_are_followed(alice: User, bob: User) -> None:
    first, second = make_photo(bob, "boat #harbour"), make_photo(bob, "boat too")
    edit_photo(photo=first, caption="ship #harbour")
    assert captions("boat") == ["boat too"]
    delete_photo(photo=second)
    assert captions("boat") == []
    delete_account(user=bob)
    assert (captions("ship"), people("bob"), tags("harbour")) == ([], [], [])
    assert tags("harbour", alice) == []


def test_people_and_tags_are_followed_too(alice: User) -> None:
    names = ["lena1", "lena2"]
    added = User.objects.bulk_create(
        [User(id=new_id(), username=name, email=f"{name}@example.org") for name in names]
    )
    UserStats.objects.bulk_create([UserStats(user=user) for user in added])
    assert sorted(people("lena")) == names
    User.objects.filter(username="lena1").update(display_name="Zoé")
    assert people("zoe") == ["lena1"]
    User.objects.filter(username="lena1").update(username="nina", display_name="")
    assert (people("zoe"), people("lena"), people("nina")) == ([], ["lena2"], ["nina"])
    tag = Tag.objects.bulk_create([Tag(id=new_id(), key="harbour")])[0]
    PhotoTag.objects.create(photo=make_photo(alice), tag=tag)
    assert tags("arbou") == ["harbour"]
    Tag.objects.filter(pk=tag.pk).update(key="port")
    assert (tags("harbour"), tags("port")) == ([], ["port"])


def test_an_insert_that_is_ignored_leaves_the_index_as_it_is(alice: User) -> None:
    photo = make_photo(alice, "boat")
    twin = Photo(id=photo.pk, author=alice, caption="ship", width=4, height=3)
    Photo.objects.bulk_create([twin], ignore_conflicts=True)
    assert (captions("boat"), captions("ship")) == (["boat"], [])


def test_what_is_rolled_back_is_not_found(alice: User) -> None:
    with transaction.atomic():
        make_photo(alice, "boat")
        transaction.set_rollback(True)
    assert captions("boat") == []


@pytest.mark.parametrize("text", ["word " * 20_000, "x" * 200_000, "京" * 4000, "é" * 9000])
def test_a_huge_text_is_stored(alice: User, text: str) -> None:
    photo = make_photo(alice)
    Photo.objects.filter(pk=photo.pk).update(caption=f"boat {text}")
    assert indexed(photo, "boat")


ACTS = st.tuples(
    st.sampled_from(["create", "bulk", "edit", "update", "delete", "hide", "leave"]),
    st.integers(0, 4),
    st.text(alphabet="ab 京都é'", max_size=12),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=st.lists(ACTS, max_size=12))
def test_any_order_of_writes_leaves_a_sound_index(
    db: None, acts: list[tuple[str, int, str]]
) -> None:
    with transaction.atomic():
        owner = make_user()
        for act, number, text in acts:
            photos = Photo.objects.order_by("pk")
            one = photos[min(number, len(photos) - 1)] if photos else None
            if act == "create":
                make_photo(owner, text, alt_text=text[::-1])
            elif act == "bulk":
                photos_of(owner, [text, text + "b"])
            elif act == "leave":
                delete_account(user=owner)
                owner = make_user()
            elif one is not None:
                _write(act, one, text)
        assert list(upkeep.faults()) == []
        for photo in Photo.objects.all():
            assert indexed(photo, "ab") == _has_word(photo, "ab")
        transaction.set_rollback(True)


def _write(act: str, photo: Photo, text: str) -> None:
    if act == "edit":
        edit_photo(photo=photo, caption=text)
    elif act == "update":
        Photo.objects.filter(pk__gte=photo.pk).update(alt_text=text)
    elif act == "delete":
        delete_photo(photo=photo)
    else:
        Photo.objects.filter(pk=photo.pk).update(show_camera=True)


def _has_word(photo: Photo, beginning: str) -> bool:
    text = f"{photo.caption} {photo.alt_text}".replace("é", "e")
    for separator in "京都'":
        text = text.replace(separator, " ")
    return any(word.startswith(beginning) for word in text.split())


@on_sqlite
def test_a_damaged_index_is_found_and_built_anew(alice: User) -> None:
    make_photo(alice, "boat #harbour")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER social_search_photo_changed")
        cursor.execute("DROP TRIGGER social_search_photo_changing")
    Photo.objects.update(caption="ship")
    found = list(upkeep.faults())
    assert len(found) == 3
    assert "social_search_photo does not hold what photos_photo says." in found
    with pytest.raises(CommandError, match="does not follow photos_photo"):
        call_command("search_index")
    written = StringIO()
    call_command("search_index", "--rebuild", stdout=written)
    assert written.getvalue().count("built anew") == 5
    assert (captions("boat"), captions("ship")) == ([], ["ship"])


@on_sqlite
def test_rows_that_went_without_the_index_are_found(alice: User) -> None:
    photo = make_photo(alice, "boat")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER social_search_photo_deleted")
    photo.delete()
    assert "social_search_photo does not hold what photos_photo says." in list(upkeep.faults())
    upkeep.rebuild(lambda _: None)


@on_sqlite
def test_an_error_of_fts5_is_no_empty_answer(alice: User) -> None:
    with pytest.raises(DatabaseError):
        matching.fetch(
            "SELECT rowid FROM social_search_photo WHERE social_search_photo MATCH %(words)s",
            {"words": '"boat'},
        )


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_indexes_are_built_anew_while_others_write(alice: User) -> None:
    written = StringIO()
    call_command("search_index", "--rebuild", stdout=written)
    assert written.getvalue().count("built anew") == 5
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX search_photo_words")
    assert list(upkeep.faults()) == ["search_photo_words is missing."]
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX search_photo_words ON photos_photo USING gin (words)")


@on_postgresql
def test_without_trigrams_search_degrades_and_does_not_fail(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_photo(alice, "#harbour")
    assert (people("lic"), tags("arb")) == (["alice"], ["harbour"])
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("DROP EXTENSION pg_trgm CASCADE")
        matching.forget_indexes()
        assert (people("lic"), tags("arb")) == ([], [])
        assert (people("ali"), tags("harb"), captions("harb")) == (
            ["alice"],
            ["harbour"],
            ["#harbour"],
        )
        transaction.set_rollback(True)
    matching.forget_indexes()
    assert people("lic") == ["alice"]


@on_postgresql
def test_where_trigrams_cannot_be_had_the_index_is_made_without(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("DROP EXTENSION pg_trgm CASCADE")
            cursor.execute("CREATE ROLE plain NOSUPERUSER")
            cursor.execute("SET LOCAL ROLE plain")
            assert not schema.has_trigrams(connection)
            cursor.execute("RESET ROLE")
        assert "Search finds no parts of words" in caplog.text
        assert "search_person_letters is missing." in list(upkeep.faults())
        transaction.set_rollback(True)


@on_postgresql
@pytest.mark.parametrize("language", ["english", "german"])
def test_the_language_of_the_server_means_nothing(alice: User, language: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL default_text_search_config = 'pg_catalog.{language}'")
    make_photo(alice, "the boats")
    assert captions("the") == captions("boats") == ["the boats"]
    assert captions("boated") == []


@on_postgresql
def test_functions_work_where_nothing_is_on_the_search_path(alice: User) -> None:
    photo = make_photo(alice, "東京 boat")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = ''")
        cursor.execute(
            "UPDATE public.photos_photo SET caption = 'Zürich 京都' WHERE id = %s", [photo.pk]
        )
        cursor.execute("SET LOCAL search_path = DEFAULT")
    assert captions("zurich 京都") == ["Zürich 京都"]


@pytest.mark.django_db(transaction=True)
def test_the_index_goes_and_comes_back(alice: User) -> None:
    def migrate(step: Callable[[Any, Any], None]) -> None:
        with connection.schema_editor() as editor:
            step(None, editor)

    migrate(schema.drop)
    photo = make_photo(alice, "ship")
    migrate(schema.create)
    upkeep.rebuild(lambda _: None)
    edit_photo(photo=photo, alt_text="boat")
    assert captions("boat ship") == ["ship"]


def test_parts_of_words_are_asked_for_from_three_letters_on() -> None:
    assert parse("@ab").inside == ""
    assert parse("@abc").inside == "abc"
    assert suggested("ab") == []
