"""Registering, passwords, suspension: what the verbs on accounts promise."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import identify_hasher
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import services
from accounts.api.tokens import issue
from accounts.models import ApiSession, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_names_and_emails_are_kept_in_lower_case() -> None:
    user = services.register(username="Alice", email="Alice@Example.ORG", password=PASSWORD)
    assert (user.username, user.email) == ("alice", "alice@example.org")


@pytest.mark.parametrize(
    ("username", "email", "field"),
    [("ALICE", "new@example.org", "username"), ("new", "ALICE@example.org", "email")],
)
def test_a_taken_name_or_email_is_refused_in_any_case(
    alice: User, username: str, email: str, field: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        services.register(username=username, email=email, password=PASSWORD)
    assert list(refusal.value.message_dict) == [field]
    assert User.objects.count() == 1


def test_the_database_refuses_names_in_upper_case(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=alice.pk).update(username="Alice")


@pytest.mark.parametrize("known_as", ["alice", "ALICE", " alice@example.org ", "Alice@Example.Org"])
def test_people_log_in_by_name_or_email_in_any_case(known_as: str) -> None:
    user = make_user("alice", password=PASSWORD)
    assert authenticate(username=known_as, password=PASSWORD) == user


def test_a_wrong_password_a_wrong_name_and_a_suspended_person_are_refused() -> None:
    user = make_user("alice", password=PASSWORD)
    assert authenticate(username="alice", password="wrong") is None
    assert authenticate(username="nobody", password=PASSWORD) is None
    services.suspend(user=user)
    assert authenticate(username="alice", password=PASSWORD) is None


def test_passwords_are_hashed_with_argon2id_at_the_owasp_minimum() -> None:
    user = make_user("alice", password=PASSWORD)
    assert identify_hasher(user.password).algorithm == "argon2"
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_new_password_ends_every_session_and_token(client: Client) -> None:
    user = make_user("alice", password=PASSWORD)
    client.force_login(user)
    issue(user)
    services.change_password(user=user, password="battery-staple-8")
    assert "_auth_user_id" in client.session
    assert not client.get("/healthz").wsgi_request.user.is_authenticated
    assert not ApiSession.objects.exists()


def test_suspension_logs_out_for_good_even_when_it_is_taken_back(client: Client) -> None:
    user = make_user("alice")
    client.force_login(user)
    services.suspend(user=user)
    services.restore(user=user)
    assert user.is_active
    assert not client.get("/healthz").wsgi_request.user.is_authenticated
