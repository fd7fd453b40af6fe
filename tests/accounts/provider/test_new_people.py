"""Who comes in for the first time by the provider, and whose account it is by the address."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.doors.confirmations import address_of
from accounts.models import Admission, EmailConfirmation, Identity, LogIn, User
from tests.accounts.doors.scene import make_invitation
from tests.accounts.provider.conftest import Configure
from tests.accounts.provider.server import IdentityProvider, is_in, sign_in
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NEW = "/login/provider/new/"
TYPED = {"username": "dora.club", "email": "dora@club.example"}


def newcomer(provider: IdentityProvider, **query: str) -> Client:
    """Return the browser of somebody whom the provider knows, and the site does not."""
    client = Client()
    assert sign_in(client, provider, "sub-new", **query)["Location"] == NEW
    assert not is_in(client)
    return client


def confirm_address(user: User, email: str) -> None:
    """Let somebody have this address, and have confirmed it."""
    user.email = email
    user.save()
    now = timezone.now()
    EmailConfirmation.objects.create(
        user=user, email=email, nonce="n", sent_at=now, confirmed_at=now
    )


def test_a_new_person_chooses_a_name_and_is_in(
    configure: Configure, provider: IdentityProvider
) -> None:
    make_user("dora")
    provider.tell("sub-new")
    configure()
    client = newcomer(provider)
    form = client.get(NEW).context["form"]
    assert form["username"].value() == "dora.photos"
    assert form["email"].value() == "dora@club.example"
    assert client.post(NEW, {**TYPED, "username": "dora"}).status_code == 422
    assert client.post(NEW, TYPED)["Location"] == "/welcome/"
    assert is_in(client)
    made = User.objects.get(username="dora.club")
    assert not made.has_usable_password()
    assert Identity.objects.get().user == made
    assert LogIn.objects.get().how == "sign_up"
    assert sign_in(Client(), provider, "sub-new")["Location"] == "/feed/"
    assert client.get(NEW)["Location"] == "/feed/"


def test_nobody_chooses_a_name_without_the_provider(configure: Configure) -> None:
    configure()
    assert Client().get(NEW)["Location"] == "/login/"
    assert Client().post(NEW, TYPED)["Location"] == "/login/"
    assert not User.objects.exists()


def test_whom_the_provider_may_not_bring(configure: Configure, provider: IdentityProvider) -> None:
    provider.tell("sub-new")
    configure(provider_new_people="nobody")
    found = sign_in(Client(), provider, "sub-new")
    assert found.status_code == 403
    assert "no account on this site is linked" in found.content.decode()


def test_the_doors_hold_for_them(configure: Configure, provider: IdentityProvider) -> None:
    provider.tell("sub-new")
    configure(sign_up="closed")
    assert sign_in(Client(), provider, "sub-new").status_code == 403
    configure(sign_up="invitation")
    assert sign_in(Client(), provider, "sub-new").status_code == 403
    code = make_invitation(make_user("alice")).code
    client = newcomer(provider, invitation=code)
    assert client.post(NEW, {**TYPED, "invitation": code})["Location"] == "/welcome/"
    assert Admission.objects.get().invitation is not None


def test_approval_holds_for_them(configure: Configure, provider: IdentityProvider) -> None:
    provider.tell("sub-new")
    configure(sign_up="approval", question="Whom do you know?")
    client = newcomer(provider)
    assert client.post(NEW, TYPED).status_code == 422
    waiting = client.post(NEW, {**TYPED, "answer": "Alice."})
    assert (waiting["Location"], is_in(client)) == ("/signup/waiting/", False)
    assert Admission.objects.get().answer == "Alice."
    assert sign_in(Client(), provider, "sub-new")["Location"] == "/signup/waiting/"


def test_the_provider_may_decide(configure: Configure, provider: IdentityProvider) -> None:
    provider.tell("sub-new")
    configure(
        sign_up="closed",
        question="Whom do you know?",
        email_check="required",
        provider_new_people="all",
        provider_vouches_for_email=True,
    )
    client = newcomer(provider)
    page = client.get(NEW).content.decode()
    assert 'name="email"' not in page
    assert 'name="answer"' not in page
    assert client.post(NEW, {"username": "dora"})["Location"] == "/welcome/"
    made = User.objects.get()
    assert made.email == "dora@club.example"
    assert address_of(made).is_confirmed
    assert not mail.outbox


@pytest.mark.parametrize("email", ["dora", "", None, ["dora@club.example"]])
def test_what_is_no_address_is_not_suggested_as_one(
    configure: Configure, provider: IdentityProvider, email: object
) -> None:
    provider.tell("sub-new", email=email, preferred_username="")
    configure(provider_vouches_for_email=True)
    form = newcomer(provider).get(NEW).context["form"]
    assert form["email"].value() == ""
    assert form["username"].value() == ("dora" if email == "dora" else "")


def test_an_address_that_it_does_not_vouch_for_is_confirmed(
    configure: Configure, provider: IdentityProvider
) -> None:
    provider.tell("sub-new")
    configure(email_check="required")
    client = newcomer(provider)
    assert client.post(NEW, TYPED)["Location"] == "/signup/waiting/"
    assert not is_in(client)


@pytest.mark.parametrize(
    ("vouches", "claims", "is_confirmed", "is_staff", "is_theirs"),
    [
        (True, {}, True, False, True),
        (False, {}, True, False, False),
        (True, {"email_verified": False}, True, False, False),
        (True, {"email_verified": "true"}, True, False, False),
        (True, {"email_verified": None}, True, False, False),
        (True, {"email": "dora@club.example\0"}, True, False, False),
        (True, {"email": ["dora@club.example"]}, True, False, False),
        (True, {}, False, False, False),
        (True, {}, True, True, False),
    ],
)
def test_an_account_is_theirs_by_an_address_that_all_have_confirmed(
    configure: Configure,
    provider: IdentityProvider,
    vouches: bool,
    claims: dict[str, Any],
    is_confirmed: bool,
    is_staff: bool,
    is_theirs: bool,
) -> None:
    alice = make_user("alice")
    if is_confirmed:
        confirm_address(alice, "dora@club.example")
    User.objects.filter(pk=alice.pk).update(email="dora@club.example", is_staff=is_staff)
    provider.tell("sub-new", **claims)
    configure(provider_vouches_for_email=vouches)
    client = Client()
    found = sign_in(client, provider, "sub-new")
    assert found["Location"] == ("/feed/" if is_theirs else NEW)
    assert is_in(client) == is_theirs
    assert Identity.objects.filter(user=alice).exists() == is_theirs


def test_an_address_that_somebody_has_makes_no_second_account(
    configure: Configure, provider: IdentityProvider
) -> None:
    alice = make_user("alice")
    User.objects.filter(pk=alice.pk).update(email="dora@club.example")
    provider.tell("sub-new")
    configure(provider_vouches_for_email=True)
    found = newcomer(provider).post(NEW, TYPED)
    assert found.status_code == 422
    assert "already an account" in found.content.decode()
    assert User.objects.get() == alice


def test_somebody_who_came_by_it_can_choose_a_password(
    configure: Configure, provider: IdentityProvider
) -> None:
    provider.tell("sub-new")
    configure()
    client = newcomer(provider)
    client.post(NEW, TYPED)
    assert "/password-reset/" in client.get("/settings/security/provider/").content.decode()
    client.post("/password-reset/", {"email": "dora@club.example"})
    assert [message.to for message in mail.outbox] == [["dora@club.example"]]


def test_where_it_is_the_only_way_an_invitation_leads_there(
    configure: Configure, provider: IdentityProvider
) -> None:
    configure(sign_up="invitation", provider_only=True)
    code = make_invitation(make_user("alice")).code
    found = Client().get(f"/invite/{code}/")
    assert found["Location"] == f"/login/provider/?invitation={code}"
