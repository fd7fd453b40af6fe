"""The moderators' desk in the admin: the queue, a case, the log."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from minigram_site.fields.snowflake import id_at
from photos.models import Photo
from photos.services import comment
from social import follows
from social.models import Decision, ModerationCase, ModerationLogEntry, Report
from social.moderation import appeals
from social.moderation.models import Verb
from tests.factories import make_photo, make_user, picture, published
from tests.social.lean import ONE_LESS, sent
from tests.social.moderation.scene import decided, make_moderator, reported

pytestmark = pytest.mark.django_db
QUEUE = "/admin/social/moderationcase/"
LOG = "/admin/social/moderationlogentry/"


@pytest.fixture
def mona(db: None) -> User:
    return make_moderator()


def desk_of(user: User) -> Client:
    """Return a browser in which this member of the staff is logged in."""
    client = Client()
    client.force_login(user)
    return client


def address(case: ModerationCase) -> str:
    """Return the page of a case."""
    return f"{QUEUE}{case.pk}/change/"


def shown(client: Client, **query: str) -> list[ModerationCase]:
    """Return the cases that the queue lists."""
    return list(client.get(QUEUE, query).context["cl"].result_list)


def test_the_queue_shows_what_waits_and_filters(mona: User, alice: User) -> None:
    desk = desk_of(mona)
    one, other = reported(make_photo(alice)), reported(alice)
    done = decided(make_user("dora"), Verb.DISMISS, mona).case
    appealed = decided(make_user("emil"), Verb.WARN, mona)
    appeals.appeal(decision=appealed, words="No.")
    assert shown(desk) == [appealed.case, other, one]
    assert shown(desk, state="decided") == [done]
    assert shown(desk, state="appealed") == [appealed.case]
    assert len(shown(desk, state="all")) == 4
    assert shown(desk, kind__exact="photo") == [one]
    assert shown(desk, reason="nudity") == []
    assert len(shown(desk, reason="spam", made="7")) == 3
    assert len(shown(desk, reason="no such", made="no such")) == 3


@pytest.mark.parametrize(
    "asked", ["@ALICE", "{code}", "{id}", "https://x.example/p/{code}/", "/p/{code}/"]
)
def test_a_case_is_found_by_its_person_and_its_photo(
    mona: User, alice: User, bob: User, asked: str
) -> None:
    photo = make_photo(alice)
    case = reported(photo)
    reported(make_photo(bob))
    assert shown(desk_of(mona), q=asked.format(code=photo.code, id=photo.pk)) == [case]


@pytest.mark.parametrize("asked", ["{code}", "{id}", "https://x.example/p/{code}/?a=b", "@alice"])
def test_photos_are_found_by_address_code_and_number(alice: User, bob: User, asked: str) -> None:
    photo = make_photo(alice)
    make_photo(bob)
    desk = desk_of(make_moderator("vera", "view_photo"))
    query = {"q": asked.format(code=photo.code, id=photo.pk)}
    answer: Any = desk.get("/admin/photos/photo/", query)
    assert list(answer.context["cl"].result_list) == [photo]


def test_a_person_s_page_leads_to_what_is_theirs(alice: User, bob: User) -> None:
    photo = make_photo(alice)
    written = comment(author=alice, photo_id=photo.pk, text="Hi")
    make_photo(bob)
    case = reported(alice)
    names = ("view_user", "view_photo", "view_comment", "view_moderationcase")
    desk = desk_of(make_moderator("vera", *names))
    page = desk.get(f"/admin/accounts/user/{alice.pk}/change/").text
    for link, row in (
        (f"/admin/photos/photo/?author__id={alice.pk}", photo),
        (f"/admin/photos/comment/?author__id={alice.pk}", written),
        (f"{QUEUE}?person__id={alice.pk}&state=all", case),
    ):
        assert link.replace("&", "&amp;") in page
        assert list(desk.get(link).context["cl"].result_list) == [row]


def test_a_person_s_page_leads_to_the_cases_that_they_reported(alice: User, bob: User) -> None:
    mine = [reported(make_photo(bob), by=alice), reported(bob, by=alice)]
    for reporter in (bob, make_user()):
        reported(make_photo(make_user()), by=reporter)
    reported(bob, by=make_user())
    desk = desk_of(make_moderator("vera", "view_user", "view_moderationcase"))
    link = f"{QUEUE}?reports__reporter__id={alice.pk}&state=all"
    assert link.replace("&", "&amp;") in desk.get(f"/admin/accounts/user/{alice.pk}/change/").text
    rows: Any = desk.get(link).context["cl"].result_list
    assert [(row.pk, row.report_count) for row in rows] == [(mine[1].pk, 2), (mine[0].pk, 1)]


def test_a_case_shows_the_name_and_the_description_that_were_reported(
    mona: User, alice: User
) -> None:
    alice.display_name = "A <b>rude</b> name"
    alice.save()
    photo = make_photo(alice, alt_text="A rude description")
    cases = [reported(alice), reported(photo)]
    User.objects.filter(pk=alice.pk).update(display_name="")
    Photo.objects.filter(pk=photo.pk).update(alt_text="")
    desk = desk_of(mona)
    assert "A &lt;b&gt;rude&lt;/b&gt; name" in desk.get(address(cases[0])).text
    assert "A rude description" in desk.get(address(cases[1])).text


def test_a_case_shows_all_of_a_private_carousel_and_the_look_is_logged(
    mona: User, carol: User
) -> None:
    contents = [picture((size, 300)) for size in (400, 500, 600)]
    photo = published(author=carol, image=[BytesIO(one) for one in contents])
    case = reported(photo)
    desk = desk_of(mona)
    page = desk.get(address(case))
    for number in (1, 2, 3):
        path = f"{QUEUE}{case.pk}/picture/{number}/"
        assert path in page.text
        answer: Any = desk.get(path)
        assert answer["Content-Type"] == "image/webp"
        assert "private, no-store" in answer["Cache-Control"]
        name = photo.pictures[number - 1].renditions[-1][2]
        assert name.endswith(".webp")
        assert b"".join(answer.streaming_content).startswith(b"RIFF")
    assert desk.get(f"{QUEUE}{case.pk}/picture/4/").status_code == 404
    (entry,) = ModerationLogEntry.objects.all()
    assert (entry.act, entry.moderator_name, entry.target_id) == ("looked", "mona", photo.pk)


def test_a_picture_looked_at_without_the_page_is_logged_too(mona: User, carol: User) -> None:
    case = reported(published(author=carol, image=BytesIO(picture())))
    answer: Any = desk_of(mona).get(f"{QUEUE}{case.pk}/picture/1/")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)
    assert ModerationLogEntry.objects.get().act == "looked"


def test_what_was_hidden_or_deleted_can_still_be_judged(mona: User, alice: User) -> None:
    hidden = published(author=alice, image=BytesIO(picture()), caption="Seen before")
    case = decided(hidden, Verb.REMOVE, mona).case
    desk = desk_of(mona)
    answer: Any = desk.get(f"{QUEUE}{case.pk}/picture/1/")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)
    Photo.objects.all().delete()
    page = desk.get(address(case)).text
    assert "It is gone." in page
    assert "Seen before" in page
    assert desk.get(f"{QUEUE}{case.pk}/picture/1/").status_code == 404


def test_a_case_says_who_reported_and_what_was_before(mona: User, alice: User, bob: User) -> None:
    photo = make_photo(alice)
    before = decided(photo, Verb.DISMISS, mona).case
    other = reported(alice)
    case = reported(photo, by=bob)
    page = desk_of(mona).get(address(case)).text
    assert "@bob" in page
    for earlier in (before, other):
        assert address(earlier) in page


def test_moderators_decide_take_back_and_judge(mona: User, alice: User) -> None:
    photo = make_photo(alice)
    case = reported(photo)
    desk = desk_of(mona)
    form = {"act": "decide", "verb": "hide", "reason": "Shows somebody."}
    assert desk.post(address(case), {**form, "reason": ""}).status_code == 422
    assert desk.post(address(case), {**form, "days": "3"}).status_code == 422
    assert not Decision.objects.exists()
    assert desk.post(address(case), form).status_code == 302
    decision = Decision.objects.get()
    assert not Photo.objects.visible_to(alice).exists()
    assert "has been decided" in desk.post(address(case), form, follow=True).text
    appeals.appeal(decision=decision, words="Nobody is on it.")
    assert "Nobody is on it." in desk.get(address(case)).text
    root = make_moderator("otto")
    accepted = {"act": "accept", "decision": str(decision.pk)}
    assert desk_of(root).post(address(case), accepted).status_code == 302
    assert Photo.objects.visible_to(alice).exists()
    assert desk.post(address(case), {"act": "undo", "decision": "9" * 5000}).status_code == 404


def test_a_suspension_of_some_days_has_an_end(mona: User, alice: User) -> None:
    case = reported(alice)
    form = {"act": "decide", "verb": "suspend", "reason": "Spam.", "days": "3"}
    desk_of(mona).post(address(case), form)
    decision = Decision.objects.get()
    assert decision.ends_at is not None
    assert (decision.ends_at - decision.created_at).days in {2, 3}
    assert not User.objects.get(pk=alice.pk).is_active


def test_only_staff_with_the_permission_sees_cases(mona: User, alice: User, bob: User) -> None:
    case = reported(published(author=alice, image=BytesIO(picture())))
    paths = (QUEUE, address(case), f"{QUEUE}{case.pk}/picture/1/")
    other = desk_of(make_moderator("phil", "change_photo"))
    for path in paths:
        assert other.get(path).status_code == 403
        assert desk_of(bob).get(path).status_code == 302
        assert Client().get(path).status_code == 302
    reader = desk_of(make_moderator("vera", "view_moderationcase"))
    assert reader.get(address(case)).status_code == 200
    form = {"act": "decide", "verb": "hide", "reason": "No."}
    assert reader.post(address(case), form).status_code == 403
    assert not Decision.objects.exists()


def test_the_log_is_read_by_all_staff_and_edited_by_nobody(alice: User, mona: User) -> None:
    decided(alice, Verb.WARN, mona)
    entry = ModerationLogEntry.objects.get()
    staff = make_moderator("phil", "change_photo")
    assert desk_of(staff).get(LOG, {"act__exact": "warn"}).context["cl"].result_count == 1
    assert desk_of(alice).get(LOG).status_code == 302
    root = make_user("root")
    root.is_staff = root.is_superuser = True
    root.save()
    desk = desk_of(root)
    assert desk.post(f"{LOG}{entry.pk}/change/", {"words": "x"}).status_code == 403
    assert desk.get(f"{LOG}{entry.pk}/delete/").status_code == 403
    assert desk.get(f"{LOG}add/").status_code == 403
    ticked = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    desk.post(LOG, ticked)
    assert ModerationLogEntry.objects.filter(words=entry.words).exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE social_moderationlogentry SET words = 'nothing'",
        "DELETE FROM social_moderationlogentry",
    ],
)
def test_the_database_refuses_changes_of_the_log(mona: User, alice: User, statement: str) -> None:
    decided(alice, Verb.WARN, mona)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    entry = ModerationLogEntry.objects.get()
    assert entry.words == "Against the rules."
    with pytest.raises(TypeError):
        entry.save()


def test_suspending_in_the_list_of_people_is_a_decision_too(alice: User) -> None:
    root = make_user("root")
    root.is_staff = root.is_superuser = True
    root.save()
    desk = desk_of(root)
    people = "/admin/accounts/user/"
    desk.post(people, {"action": "suspend", "_selected_action": [alice.pk]})
    assert Decision.objects.get().verb == "suspend"
    assert not User.objects.get(pk=alice.pk).is_active
    desk.post(people, {"action": "restore", "_selected_action": [alice.pk]})
    assert User.objects.get(pk=alice.pk).is_active
    acts = ModerationLogEntry.objects.order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["suspend", "undone"]


@pytest.mark.parametrize("rows", [1, 12])
def test_the_queue_and_a_case_cost_the_same_for_any_number(
    mona: User, alice: User, rows: int
) -> None:
    photo = make_photo(alice)
    for _ in range(rows):
        case = reported(photo)
        reported(make_photo(alice))
    follows.set_privacy(user=alice, private=True)
    desk = desk_of(mona)
    desk.get(address(case))
    costs: list[Any] = []
    for path in (QUEUE, address(case)):
        with sent() as statements:
            assert desk.get(path).status_code == 200
        costs.append(len(statements))
    assert costs == [7 - ONE_LESS, 15 - ONE_LESS]


def test_the_dashboard_counts_by_day_and_costs_the_same_for_any_number(
    mona: User, alice: User
) -> None:
    desk = desk_of(mona)

    def read() -> tuple[Any, int]:
        with sent() as statements:
            page = desk.get(f"{QUEUE}dashboard/")
        return page, len(statements)

    reported(make_photo(alice))
    read()
    _, few = read()
    for _ in range(3):
        reported(make_photo(alice))
    yesterday = id_at(timezone.now() - timedelta(days=1))
    Report.objects.filter(pk=Report.objects.order_by("pk").values("pk")[:1]).update(id=yesterday)
    page, many = read()
    assert few == many
    plots = {plot.title: plot for plot in page.context["plots"]}
    assert plots["Reports"].total == plots["Photos"].total == "4"
    assert [bar.words.rpartition(": ")[2] for bar in plots["Reports"].bars[-2:]] == ["1", "3"]
    assert page.context["waiting"] == 4
    assert "<svg" in page.text
    assert (
        desk_of(make_moderator("phil", "change_photo")).get(f"{QUEUE}dashboard/").status_code == 403
    )
