"""Pages that administrators write: Markdown becomes HTML that does nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.doors.site_pages import to_html
from accounts.models import User
from tests.accounts.doors.scene import make_admin, site_with

As = Callable[[User | None], APIClient]
BrowserAs = Callable[[User | None], Client]
# https://htmx.org/reference/ (2.0), and what its extensions and newer releases add.
HTMX = re.findall(
    r"\S+",
    "hx-boost hx-confirm hx-delete hx-disable hx-disabled-elt hx-disinherit hx-encoding hx-ext"
    " hx-get hx-headers hx-history hx-history-elt hx-include hx-indicator hx-inherit hx-on"
    " hx-on:click hx-on::after-request hx-on--load hx-params hx-patch hx-post hx-preserve"
    " hx-prompt hx-push-url hx-put hx-replace-url hx-request hx-select hx-select-oob hx-sse"
    " hx-swap hx-swap-oob hx-sync hx-target hx-trigger hx-validate hx-vals hx-vars hx-ws"
    " sse-connect ws-connect",
)


@pytest.mark.parametrize("attribute", HTMX)
@pytest.mark.parametrize("prefix", ["", "data-", "DATA-"])
def test_no_attribute_of_htmx_comes_through(attribute: str, prefix: str) -> None:
    name = prefix + attribute
    texts = (
        f'<div {name}="/logout/">x</div>',
        f'<a href="/x" {name}="/logout/">x</a>',
        f'[x](/x "a" {name}="/logout/")',
        f'[x](</x" {name}="/logout/>)',
        f"[x](/x '\" {name}=\"/logout/')",
        f'```"{name}="/logout/\nx\n```',
        f'![x](/x" {name}="/logout/)',
    )
    for text in texts:
        html = to_html(text)
        assert attributes_of(html) <= {"href", "title", "rel", "start"}, html


class Attributes(HTMLParser):
    """Collects the names of all attributes, as a browser reads them."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take those of a tag."""
        self.found.update(name for name, _ in attrs)


def attributes_of(html: str) -> set[str]:
    """Return the names of all attributes in some HTML."""
    reader = Attributes()
    reader.feed(html)
    reader.close()
    return reader.found


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "java&#10;script:alert(1)",
        " javascript:alert(1)",
    ],
)
def test_no_link_is_a_script(address: str) -> None:
    for text in (f"[x]({address})", f"<{address}>", f"[x]: {address}\n\n[x]", f"[x](<{address}>)"):
        html = to_html(text)
        assert 'href="javascript' not in html.lower()
        assert 'href="data' not in html.lower()
        assert 'href="vbscript' not in html.lower()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a & b", "<p>a &amp; b</p>"),
        ("a &amp; b", "<p>a &amp; b</p>"),
        ("1 < 2 <b>", "<p>1 &lt; 2 &lt;b&gt;</p>"),
        (
            "[q](/s/?x=1&y=2)",
            '<p><a href="/s/?x=1&amp;y=2" rel="noopener noreferrer">q</a></p>',
        ),
        ("# Rules\n\n- be *kind*", "<h2>Rules</h2>\n<ul>\n<li>be <em>kind</em></li>\n</ul>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("![x](http://evil.example/p.png)", "<p></p>"),
        ("`a & <b>`", "<p><code>a &amp; &lt;b&gt;</code></p>"),
    ],
)
def test_text_is_escaped_once(text: str, html: str) -> None:
    assert to_html(text).strip() == html
    assert to_html(text) == to_html(text)


@pytest.mark.django_db
def test_a_page_is_there_once_it_is_written(client: Client, api_as: As) -> None:
    assert client.get("/rules/").status_code == 404
    assert "/rules/" not in client.get("/login/").text
    assert api_as(None).get("/api/v1/pages/rules/").status_code == 404
    site_with(rules="Be *kind*.", imprint="Jane, 1 Lane", members_only=True)
    assert "<em>kind</em>" in client.get("/rules/").text
    foot = client.get("/login/").text
    assert 'href="/rules/"' in foot
    assert 'href="/imprint/"' in foot
    assert 'href="/about/"' not in foot
    page = api_as(None).get("/api/v1/pages/rules/").json()
    assert page == {"name": "rules", "title": "Rules", "html": "<p>Be <em>kind</em>.</p>\n"}
    assert api_as(None).get("/api/v1/instance/").json()["pages"] == ["rules", "imprint"]
    assert client.get("/about/").status_code == 404


@pytest.mark.django_db
def test_the_admin_writes_them(browser_as: BrowserAs, client: Client) -> None:
    admin = browser_as(make_admin())
    listed = admin.get("/admin/accounts/sitesettings/", follow=True)
    assert listed.redirect_chain[-1][0] == "/admin/accounts/sitesettings/1/change/"
    form = {
        "sign_up": "closed",
        "email_check": "none",
        "deletion_days": 30,
        "import_gigabytes": 0,
        "provider_new_people": "doors",
        "rules": "Hello\u202e **you**",
    }
    assert admin.post("/admin/accounts/sitesettings/1/change/", form).status_code == 302
    assert "Hello <strong>you</strong>" in client.get("/rules/").text
    assert client.get("/signup/").status_code == 403
    assert "can’t be imported on this site" in admin.get("/settings/import/").text
    wrong = admin.post("/admin/accounts/sitesettings/1/change/", {"sign_up": "half"})
    assert "Select a valid choice" in wrong.text


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["add", "2/change", "1/delete"])
def test_there_is_one_row_of_settings(browser_as: BrowserAs, method: str) -> None:
    answer = browser_as(make_admin()).get(f"/admin/accounts/sitesettings/{method}/")
    assert answer.status_code in {302, 403}
