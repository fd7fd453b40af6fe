"""Many at the door at once, from threads with connections of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts import services
from accounts.doors import confirmations, names
from accounts.doors.signing_up import sign_up
from accounts.models import EmailConfirmation, FormerName, Invitation, User
from tests.accounts.doors.scene import link_in_mail, make_invitation, site_with
from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def at_once(deeds: Iterable[Callable[[], Any]], workers: int = 8) -> list[Any]:
    """Run all deeds in parallel threads; return what they returned, refusals included."""

    def run(deed: Callable[[], Any]) -> Any:
        try:
            return deed()
        except ValidationError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, deeds))


def came(answers: list[Any]) -> list[User]:
    """Return the people who came in."""
    return [answer for answer in answers if isinstance(answer, User)]


def joining(number: int, code: str) -> Callable[[], User]:
    """Return the deed of signing up with a code."""
    name = f"guest{number}"
    return partial(
        sign_up,
        username=name,
        email=f"{name}@example.org",
        password=PASSWORD,
        invitation=code,
    )


@pytest.mark.parametrize("uses", [1, 3])
def test_as_many_come_in_as_there_are_uses(alice: User, uses: int) -> None:
    site_with(sign_up="invitation")
    invitation = make_invitation(alice, max_uses=uses)
    answers = at_once([joining(number, invitation.code) for number in range(20)])
    assert len(came(answers)) == uses
    assert User.objects.filter(username__startswith="guest").count() == uses
    assert Invitation.objects.get().uses == uses


def test_nobody_comes_in_after_a_suspension(alice: User) -> None:
    site_with(sign_up="invitation")
    invitation = make_invitation(alice, max_uses=10)
    deeds: list[Callable[[], Any]] = [joining(n, invitation.code) for n in range(6)]
    answers = at_once([*deeds[:3], partial(services.suspend, user=alice), *deeds[3:]])
    held = Invitation.objects.get()
    assert held.is_revoked
    assert held.uses == len(came(answers))
    assert came(at_once([joining(9, invitation.code)])) == []


def test_a_name_that_is_given_up_is_taken_by_nobody_in_that_moment(alice: User) -> None:
    for number in range(5):
        user = make_user(f"former{number}")
        answers = at_once(
            [
                partial(names.rename, user=user, username=f"later{number}"),
                *(
                    partial(
                        services.register,
                        username=f"former{number}",
                        email=f"thief{number}.{other}@example.org",
                        password=PASSWORD,
                    )
                    for other in range(3)
                ),
            ]
        )
        assert came(answers) == []
        assert User.objects.filter(username=f"former{number}").count() == 0
        assert FormerName.objects.get(username=f"former{number}").user_id == user.pk


def test_a_link_that_is_used_by_many_is_news_once(alice: User) -> None:
    site_with(email_check="optional")
    confirmations.change_address(user=alice, email="new@example.org")
    token = link_in_mail().split("/")[2]
    answers = at_once([partial(confirmations.confirm, token)] * 8)
    assert sorted(is_news for _, is_news in answers) == [False] * 7 + [True]
    assert EmailConfirmation.objects.get().confirmed_at is not None


def test_two_people_confirm_one_address_and_one_has_it(alice: User, bob: User) -> None:
    site_with(email_check="optional")
    tokens = []
    for user in (alice, bob):
        confirmations.change_address(user=user, email="both@example.org")
        tokens.append(link_in_mail().split("/")[2])
    at_once([partial(confirmations.confirm, token) for token in tokens])
    assert User.objects.filter(email="both@example.org").count() == 1
