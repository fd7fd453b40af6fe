"""Open redirects and headers that are split: no address leads away from the site."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest

from tests.matrix.scene import Scene
from tests.security.surface import answer_to, page_calls

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ELSEWHERE = "elsewhere.example"
LEADING_AWAY = [
    f"https://{ELSEWHERE}/",
    f"//{ELSEWHERE}/",
    f"///{ELSEWHERE}/",
    f"/\\{ELSEWHERE}/",
    f"https:{ELSEWHERE}",
    f"http://testserver@{ELSEWHERE}/",
    f"javascript:{ELSEWHERE}",
]
# Where an answer may say that the browser is to go.
LEADING = ("Location", "HX-Redirect", "HX-Location", "Refresh", "HX-Push-Url", "HX-Replace-Url")


@pytest.mark.parametrize("wanted", LEADING_AWAY)
def test_no_page_leads_to_another_site(scene: Scene, wanted: str) -> None:
    faults = []
    for call in page_calls(scene):
        with answer_to(
            scene.page_client(),
            call,
            query={"next": quote(wanted, safe="")},
            body={**call.body, "next": wanted},
            headers={"Referer": wanted, "HX-Current-URL": wanted},
        ) as answer:
            for name in LEADING:
                to = answer.headers.get(name, "")
                if (urlsplit(to).hostname or "testserver") != "testserver" or to.startswith(
                    wanted[:3] if wanted.startswith("/") else wanted[:6]
                ):
                    faults.append(f"{call}: {name}: {to}")
    assert not faults, "\n".join(faults)


def test_a_line_break_makes_no_header(scene: Scene) -> None:
    wanted = "/x\r\nX-Injected: yes"
    faults = []
    for call in page_calls(scene):
        with answer_to(
            scene.page_client(),
            call,
            query={"next": quote(wanted, safe=""), "q": quote(wanted, safe="")},
            body={**call.body, "next": wanted},
        ) as answer:
            broken = [value for value in answer.headers.values() if set(value) & {"\r", "\n"}]
            if "X-Injected" in answer.headers or broken or answer.status_code >= 500:
                faults.append(f"{call}: {answer.status_code} {broken}")
    assert not faults, "\n".join(faults)
