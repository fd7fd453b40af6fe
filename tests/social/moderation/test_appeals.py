"""What people are told of decisions about them, and how they appeal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from minigram_site.fields.snowflake import id_at
from photos import services
from photos.models import KEPT, Photo, Removal
from social.moderation import appeals, deciding, evidence, mails, wording
from social.moderation.deciding import CannotDecide
from social.moderation.models import Decision, Verb
from tests.factories import make_photo, make_user
from tests.social.lean import sent
from tests.social.moderation.scene import decided, make_moderator

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Any]
REPORTER = "henrietta"


@pytest.fixture
def mona(db: None) -> User:
    return make_moderator()


@pytest.fixture
def mails_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send mails in the request: a thread would not see what a test has not committed."""
    monkeypatch.setattr(mails, "later", lambda task, argument: task.call(argument))


def test_the_person_reads_what_and_why_and_never_who(
    api_as: As, browser_as: As, mona: User, alice: User
) -> None:
    photo = make_photo(alice, "My caption")
    make_user(REPORTER)
    decided(photo, Verb.HIDE, mona, reason="Shows a stranger.")
    (row,) = api_as(alice).get("/api/v1/me/decisions/").json()["results"]
    assert row["sentence"] == "Your photo has been hidden: nobody can see it."
    assert (row["reason"], row["about"]) == ("Shows a stranger.", "My caption")
    assert (row["stands"], row["can_appeal"], row["ends_at"]) == (True, True, None)
    page = browser_as(alice).get("/settings/decisions/").text
    assert "Shows a stranger." in page
    for text in (page, str(row)):
        assert REPORTER not in text
        assert "mona" not in text


def test_nobody_reads_decisions_about_others(
    api_as: As, mona: User, alice: User, bob: User
) -> None:
    decision = decided(alice, Verb.WARN, mona)
    assert api_as(bob).get("/api/v1/me/decisions/").json()["results"] == []
    path = f"/api/v1/me/decisions/{decision.pk}/appeal/"
    assert api_as(bob).put(path, {"words": "No!"}).status_code == 404
    assert api_as(None).get("/api/v1/me/decisions/").status_code == 401


def test_a_dismissal_is_told_to_nobody(api_as: As, mona: User, alice: User) -> None:
    decided(alice, Verb.DISMISS, mona)
    assert api_as(alice).get("/api/v1/me/decisions/").json()["results"] == []


def test_one_appeals_once_and_the_case_is_in_the_queue_again(
    api_as: As, mona: User, alice: User
) -> None:
    decision = decided(alice, Verb.WARN, mona)
    path = f"/api/v1/me/decisions/{decision.pk}/appeal/"
    assert api_as(alice).put(path, {"words": ""}).status_code == 400
    answer = api_as(alice).put(path, {"words": "I did nothing."})
    assert (answer.status_code, answer.json()["appeal"]) == (200, "open")
    decision.case.refresh_from_db()
    assert decision.case.state == "appealed"
    again = api_as(alice).put(path, {"words": "Really."})
    assert (again.status_code, again.json()["code"]) == (409, "appealed")


def test_an_accepted_appeal_undoes_the_decision(mona: User, alice: User) -> None:
    photo = make_photo(alice)
    decision = decided(photo, Verb.REMOVE, mona)
    appeals.appeal(decision=decision, words="It is mine.")
    deciding.judge(decision=decision, moderator=make_moderator("otto"), accepted=True)
    assert Photo.objects.visible_to(alice).exists()
    decision.refresh_from_db()
    assert (decision.appeal, decision.stands) == ("accepted", False)
    with pytest.raises(CannotDecide, match="no appeal"):
        deciding.judge(decision=decision, moderator=mona, accepted=False)


def test_a_rejected_appeal_leaves_it_as_it_is(mona: User, alice: User) -> None:
    photo = make_photo(alice)
    decision = decided(photo, Verb.HIDE, mona)
    appeals.appeal(decision=decision, words="It is mine.")
    deciding.judge(decision=decision, moderator=make_moderator("otto"), accepted=False)
    decision.refresh_from_db()
    decision.case.refresh_from_db()
    assert (decision.appeal, decision.stands, decision.case.state) == ("rejected", True, "decided")
    assert not Photo.objects.visible_to(alice).exists()


def test_another_moderator_judges_where_there_is_one(mona: User, alice: User) -> None:
    decision = decided(alice, Verb.WARN, mona)
    appeals.appeal(decision=decision, words="No.")
    otto = make_moderator("otto")
    with pytest.raises(CannotDecide, match="Another moderator"):
        deciding.judge(decision=decision, moderator=mona, accepted=False)
    otto.delete()
    # Staff who may not decide are nobody to wait for.
    make_moderator("ida", "view_moderationcase")
    deciding.judge(decision=decision, moderator=mona, accepted=False)
    decision.refresh_from_db()
    assert decision.appeal == "rejected"


def test_what_was_taken_back_needs_no_appeal(mona: User, alice: User) -> None:
    decision = decided(alice, Verb.LIMIT, mona)
    deciding.undo(decision=decision, moderator=mona)
    with pytest.raises(appeals.CannotAppeal, match="has been reversed"):
        appeals.appeal(decision=decision, words="No.")


@pytest.mark.parametrize("verb", [Verb.REMOVE, Verb.BAN_PICTURE])
def test_there_is_no_appeal_once_a_removed_photo_cannot_be_brought_back(
    api_as: As, browser_as: As, mona: User, alice: User, verb: Verb
) -> None:
    decision = decided(make_photo(alice), Verb.REMOVE, mona)
    client = api_as(alice)
    assert client.get("/api/v1/me/decisions/").json()["results"][0]["can_appeal"]
    old = id_at(timezone.now() - KEPT)
    Decision.objects.filter(pk=decision.pk).update(id=old, verb=verb)
    assert not client.get("/api/v1/me/decisions/").json()["results"][0]["can_appeal"]
    assert "/appeals/" not in browser_as(alice).get("/settings/decisions/").text
    answer = client.put(f"/api/v1/me/decisions/{old}/appeal/", {"words": "It is mine."})
    assert (answer.status_code, answer.json()["code"]) == (409, "appealed")
    assert "deleted for good" in answer.json()["detail"]


def test_there_is_no_appeal_once_staff_have_deleted_the_removed_photo(
    mona: User, alice: User
) -> None:
    photo = make_photo(alice)
    decision = decided(photo, Verb.REMOVE, mona)
    evidence.delete_now(removal=Removal.objects.get(photo=photo))
    assert not Photo.objects.filter(pk=photo.pk).exists()
    with pytest.raises(appeals.CannotAppeal, match="deleted for good"):
        appeals.appeal(decision=decision, words="It is mine.")


def test_what_leaves_nothing_in_the_bin_can_be_appealed_at_any_time(
    mona: User, alice: User, bob: User
) -> None:
    photo = make_photo(alice)
    long_ago = id_at(timezone.now() - 2 * KEPT)
    comment = services.comment(author=bob, photo_id=photo.pk, text="No.")
    for number, (row, verb) in enumerate([(comment, Verb.REMOVE), (photo, Verb.HIDE)]):
        decision = decided(row, verb, mona)
        Decision.objects.filter(pk=decision.pk).update(id=long_ago + number)
        decision = Decision.objects.get(pk=long_ago + number)
        assert appeals.appeal(decision=decision, words="No.").appeal == "open"


def test_whoever_wins_an_appeal_about_a_portrait_reads_that_it_is_not_back(
    api_as: As, mona: User, alice: User
) -> None:
    decision = decided(alice, Verb.REMOVE_AVATAR, mona)
    appeals.appeal(decision=decision, words="It is me.")
    deciding.judge(decision=decision, moderator=make_moderator("otto"), accepted=True)
    decision.refresh_from_db()
    outcome = wording.appeal_sentence(decision)
    assert "can’t be restored" in outcome
    assert "reversed" not in outcome


def test_the_mail_of_a_suspended_person_leads_to_an_appeal_without_a_log_in(
    mona: User,
    alice: User,
    mails_inside: None,
    django_capture_on_commit_callbacks: Any,
) -> None:
    end = timezone.now() + timedelta(days=3)
    with django_capture_on_commit_callbacks(execute=True):
        decision = decided(alice, Verb.SUSPEND, mona, reason="Spam, a lot.", ends_at=end)
    (letter,) = mail.outbox
    assert letter.to == ["alice@example.org"]
    assert "Spam, a lot." in letter.body
    assert "mona" not in letter.body
    path = "/" + letter.body.partition("/appeals/")[1].strip("/") + "/"
    path += letter.body.partition("/appeals/")[2].split()[0]
    browser = Client()
    page = browser.get(path)
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert "suspended until" in page.text
    assert browser.post(path, {"words": ""}).status_code == 422
    assert "Your appeal has been sent" in browser.post(path, {"words": "Sorry."}, follow=True).text
    decision.refresh_from_db()
    assert decision.appeal_words == "Sorry."
    assert "You have appealed" in browser.post(path, {"words": "More."}, follow=True).text
    with django_capture_on_commit_callbacks(execute=True):
        deciding.judge(decision=decision, moderator=make_moderator("otto"), accepted=True)
    assert "Your appeal was accepted" in mail.outbox[1].body


@pytest.mark.parametrize("token", ["x", "1", "1:abc", "9" * 30 + ":x"])
def test_a_forged_link_is_no_page(token: str) -> None:
    assert Client().get(f"/appeals/{token}/").status_code == 404


def test_the_list_of_decisions_costs_the_same_for_one_and_for_twenty(
    api_as: As, mona: User, alice: User
) -> None:
    client = api_as(alice)

    def cost() -> int:
        with sent() as statements:
            assert client.get("/api/v1/me/decisions/").status_code == 200
        return len(statements)

    decided(alice, Verb.WARN, mona)
    few = cost()
    for _ in range(19):
        decided(alice, Verb.WARN, mona)
    assert cost() == few == 2


def test_decisions_go_with_the_account_and_the_log_stays(mona: User, alice: User) -> None:
    from social.models import ModerationLogEntry

    decided(alice, Verb.WARN, mona)
    alice.delete()
    assert not Decision.objects.exists()
    assert ModerationLogEntry.objects.get().person_name == "alice"
