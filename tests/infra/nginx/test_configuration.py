"""nginx accepts every configuration that the templates make, and it says what the site says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import orjson
import pytest
from django.test import RequestFactory

from minigram_site.web.bodies.refused import FORM_OVERHEAD
from minigram_site.web.errors import too_large
from tests.infra.nginx import error_pages
from tests.infra.nginx.server import FOLDER, VARIANTS, check, make_certificate, values, write

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
TEMPLATES = sorted(FOLDER.glob("*.conf"))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("megabytes", [1, 30, 500])
def test_nginx_accepts_the_configuration(variant: str, megabytes: int, tmp_path: Path) -> None:
    make_certificate(tmp_path)
    limits = {"MAX_UPLOAD_MB": megabytes, "UPLOAD_LIMIT_KB": megabytes * 1024 + 256}
    write(tmp_path, values(tmp_path, **limits))
    checked = check(tmp_path, variant)
    assert "test is successful" in checked.stderr
    assert not re.search(r"\[(warn|emerg|crit)\]", checked.stderr)


def test_every_placeholder_is_explained() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)\}", "".join(path.read_text() for path in TEMPLATES)))
    explained = (FOLDER / "main.conf").read_text().partition("\nuser")[0]
    assert used
    assert [name for name in sorted(used) if name not in explained] == []


def test_nothing_that_a_client_says_of_itself_is_passed_on() -> None:
    text = "".join(path.read_text() for path in TEMPLATES)
    assert "proxy_add_x_forwarded_for" not in text
    # One may be looked at (by_a_proxy), and none goes on.
    assert not re.search(r"(proxy_set_header|proxy_pass)[^;]*\$http_x_", text)


@pytest.mark.parametrize(("form", "path"), [("html", "/upload/"), ("json", "/api/v1/photos/")])
def test_the_refusal_of_large_bodies_has_the_words_of_the_site(
    form: str, path: str, settings: object
) -> None:
    answer = too_large(RequestFactory().post(path)).content.decode()
    ours = (FOLDER / "errors" / f"413.{form}").read_text()
    ours = ours.replace('<!--#echo var="max_upload_mb" -->', "30")
    if form == "json":
        assert orjson.loads(ours) == orjson.loads(answer)
    else:
        sentence = re.search(r"<p data-detail>.*?</p>", answer)
        assert sentence is not None
        assert sentence[0] in ours


@pytest.mark.parametrize("status", error_pages.HEADINGS)
def test_the_pages_of_nginx_are_made_from_the_shell_of_the_sites(status: int) -> None:
    """``python -m tests.infra.nginx.error_pages`` makes them anew."""
    assert (FOLDER / "errors" / f"{status}.html").read_text() == error_pages.page(status)


def test_every_page_of_nginx_has_a_heading() -> None:
    names = {path.stem for path in (FOLDER / "errors").glob("*.html")}
    assert names == {str(status) for status in error_pages.HEADINGS}


@pytest.mark.parametrize("status", sorted({*error_pages.HEADINGS} - {413}))
def test_errors_of_nginx_have_the_shape_of_the_sites_errors(status: int) -> None:
    ours = orjson.loads((FOLDER / "errors" / f"{status}.json").read_text())
    assert list(ours) == ["type", "title", "status", "code", "detail"]
    assert ours["status"] == status


def test_the_room_for_the_rest_of_a_form_is_the_sites() -> None:
    assert FORM_OVERHEAD == 256 * 1024
