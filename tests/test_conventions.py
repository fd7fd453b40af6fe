"""The code keeps its own rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from minigram_site.environment import SAMPLE_SECRET

PROJECT = Path(__file__).parents[1]
APPS = ("accounts", "photos", "social")
TEMPLATES = sorted((PROJECT / "templates").rglob("*.html"))
STATIC = PROJECT / "minigram_site/static/minigram_site"


def page_views(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Return the views of all pages: not the API's, not the admin's."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if route.startswith(("api/", "admin/")):
            continue
        if isinstance(pattern, URLResolver):
            yield from page_views(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and route not in {"healthz", "readyz", "metrics"}:
            yield route, pattern.callback


def test_every_page_declares_who_may_open_it() -> None:
    views = dict(page_views(get_resolver().url_patterns))
    assert len(views) > 40
    undeclared = [route for route, view in views.items() if not hasattr(view, "access")]
    assert undeclared == []


def test_every_variable_is_documented_and_every_documented_variable_is_read() -> None:
    source = (PROJECT / "minigram_site/environment.py").read_text()
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", source))
    documented = set(re.findall(r"^([A-Z_]+)=", (PROJECT / "infra/example.env").read_text(), re.M))
    assert read == documented
    assert 10 < len(read) <= 20


def test_the_documented_secret_is_the_one_that_is_refused() -> None:
    assert f"SECRET_KEY={SAMPLE_SECRET}\n" in (PROJECT / "infra/example.env").read_text()


def test_passwords_are_checked_in_one_place_where_guesses_are_limited() -> None:
    sources = [path for app in (*APPS, "minigram_site") for path in (PROJECT / app).rglob("*.py")]
    asking = [path for path in sources if ".check_password(" in path.read_text()]
    assert [path.relative_to(PROJECT).as_posix() for path in asking] == [
        "accounts/authentication/passwords.py"
    ]


def test_sessions_and_tokens_begin_in_one_place_which_is_called_when_all_is_proved() -> None:
    def calling(pattern: str) -> set[str]:
        sources = [path for app in APPS for path in (PROJECT / app).rglob("*.py")]
        found = [path for path in sources if re.search(pattern, path.read_text())]
        return {path.relative_to(PROJECT).as_posix() for path in found}

    begins = "accounts/logins/service.py"
    assert calling(r"import .*\blogin\b|\b(auth\.|\s)login\(request") == {begins}
    assert calling(r"\btokens\.issue\(|import .*\bissue\b") == {begins}
    # By password or provider and what else is needed, by passkey, by signing up.
    assert calling(r"(?<!def )\benter(_app)?\(") == {
        "accounts/api/views.py",
        "accounts/doors/pages/entrance.py",
        "accounts/factors/api.py",
        "accounts/factors/half_done.py",
        "accounts/factors/log_in_pages.py",
        "accounts/provider/pages.py",
    }


def test_no_module_is_named_for_what_has_no_name() -> None:
    vague = {"utils.py", "helpers.py", "managers.py", "signals.py", "misc.py"}
    found = [
        path for app in (*APPS, "minigram_site", "infra") for path in (PROJECT / app).rglob("*.py")
    ]
    assert [path for path in found if path.name in vague] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_script_no_handler_and_nothing_unescaped(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert "|safe" not in text
    assert "autoescape off" not in text


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_name_no_foreign_address(template: Path) -> None:
    assert not re.search(r"(?:src|href|action)=\"https?://", template.read_text())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_posts_carries_the_token(template: Path) -> None:
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", template.read_text(), re.S):
        assert "csrf_token" in form or '_form.html"' in form


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_line_of_a_template_is_longer_than_120_characters(template: Path) -> None:
    assert [line for line in template.read_text().splitlines() if len(line) > 120] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_text_in_which_white_space_counts(template: Path) -> None:
    """The loader removes it (``minigram_site.web.templating.loader``)."""
    assert not re.search(r"<pre\b|<textarea[^>]*>[^<]", template.read_text())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_icon_of_a_template_is_drawn(template: Path) -> None:
    named = re.findall(r"(?:\{% icon |symbol=)\"([\w-]+)\"", template.read_text())
    drawn = re.findall(r"<symbol id=\"([\w-]+)\"", (STATIC / "icons.svg").read_text())
    assert set(named) <= set(drawn)


def test_every_class_of_the_style_sheets_is_used() -> None:
    styles = "".join(path.read_text() for path in STATIC.glob("*.css"))
    bare = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", styles, flags=re.DOTALL)
    styled = set(re.findall(r"\.([a-z][\w-]*)", bare))
    components = PROJECT / "docs/design.md"
    users = [
        components,
        *TEMPLATES,
        *STATIC.rglob("*.js"),
        *(PROJECT / "minigram_site").rglob("*.py"),
    ]
    text = "".join(path.read_text() for path in users)
    assert [name for name in sorted(styled) if not re.search(rf"\b{name}\b", text)] == []
