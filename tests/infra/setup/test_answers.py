"""Answers are taken from options, from the site as it is, or from its owner, in this order."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from infra.setup.answers import QUESTIONS, collect
from infra.setup.errors import SetupError
from infra.setup.layout import Layout
from infra.setup.variables import of_servers, of_site

SITE = {
    "SITE_URL": "https://photos.example.org",
    "SITE_NAME": "Ours",
    "EMAIL_URL": "submission://a:b@mail.example.org:587?_default_from_email=a%40example.org",
    "REGISTRATION_OPEN": "false",
    "DATABASE_URL": "postgres://a:b@db.example.org/x",
    "INSTANCES": "3",
}


def test_a_second_run_needs_no_answer_and_has_those_of_the_first() -> None:
    given = collect({}, SITE, None)
    assert (given.domain, given.site_name) == ("photos.example.org", "Ours")
    assert (given.registration, given.stage) == ("closed", "3")
    assert given.email_url == SITE["EMAIL_URL"]


def test_an_option_wins_and_is_not_asked_for() -> None:
    asked: list[str] = []

    def ask(question: str, answer: str) -> str:
        asked.append(question)
        return answer or "alice@example.org"

    given = collect({"domain": "b.example.org", "stage": "1"}, {}, ask)
    assert given.domain == "b.example.org"
    assert set(QUESTIONS.values()) - set(asked) == {QUESTIONS["domain"], QUESTIONS["stage"]}


def test_mails_come_from_the_site_unless_the_owner_says_otherwise() -> None:
    options = {"domain": "a.example", "email_url": "submission://n:p@mail.example.org:587"}
    url = collect(options, {}, None).email_url
    assert unquote(url).endswith("?_default_from_email=MiniGram <minigram@a.example>")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Name the domain"),
        ({"domain": "https://a.example"}, "is no domain"),
        ({"domain": "büro.example"}, "xn--"),
        ({"domain": "a.example", "stage": "6"}, "--stage"),
        ({"domain": "a.example", "registration": "maybe"}, "open or closed"),
        ({"domain": "a.example", "admin": "root"}, "--admin-email"),
    ],
)
def test_an_answer_without_sense_is_refused_in_words(
    options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SetupError, match=sentence):
        collect(options, {}, None)


@pytest.mark.parametrize("stage", [1, 2, 3, 4, 5])
def test_each_stage_has_its_variables_with_passwords_that_stay(stage: int) -> None:
    layout = Layout()
    servers = of_servers(layout, {}, {})
    site = of_site(
        collect({"domain": "a.example", "stage": str(stage)}, {}, None), layout, {}, servers, {}
    )
    again = of_site(collect({}, site, None), layout, site, of_servers(layout, servers, site), {})
    assert again == site
    wanted = {"DATABASE_URL": 2, "BACKGROUND_WORKER": 2, "DATABASE_REPLICA_URLS": 4, "CACHE_URL": 5}
    assert {name for name, first in wanted.items() if stage >= first} == wanted.keys() & site
    assert site["INSTANCES"] == ("3" if stage >= 3 else "1")
    assert servers["DATABASE_PASSWORD"] in site.get("DATABASE_URL", servers["DATABASE_PASSWORD"])


def test_what_an_owner_has_set_stays_when_the_stage_rises() -> None:
    layout = Layout()
    former = SITE | {"SECRET_KEY": "k" * 50, "TRUSTED_PROXIES": "2", "INSTANCES": "2"}
    answers = collect({"stage": "4"}, former, None)
    site = of_site(answers, layout, former, of_servers(layout, {}, former), {})
    kept = ("SECRET_KEY", "TRUSTED_PROXIES", "INSTANCES", "DATABASE_URL", "EMAIL_URL")
    assert {name: site[name] for name in kept} == {name: former[name] for name in kept}
    assert site["DATABASE_REPLICA_URLS"].count("postgres://") == 2


def test_a_stage_back_is_refused() -> None:
    answers = collect({"stage": "1"}, SITE, None)
    with pytest.raises(SetupError, match="The site is at stage 3"):
        of_site(answers, Layout(), SITE, of_servers(Layout(), {}, {}), {})


def test_rows_are_not_left_behind_in_sqlite() -> None:
    former = {"SITE_URL": "https://a.example", "SECRET_KEY": "k" * 50}
    answers = collect({"stage": "2"}, former, None)
    with pytest.raises(SetupError, match="The site's rows are in SQLite"):
        of_site(answers, Layout(), former, of_servers(Layout(), {}, {}), {})
