"""A site becomes one for members only: no door sends a visitor a byte from then on."""

from __future__ import annotations

from functools import partial

import httpx
import pytest

from tests.infra.stages.clients import until
from tests.infra.stages.conftest import Stages
from tests.infra.stages.pictures.published import author_on, doors
from tests.infra.stages.pictures.test_privacy import assert_hidden, looks

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]
CHANGE = (
    "from accounts.doors import site; from accounts.models import SiteSettings; "
    "row = SiteSettings.objects.filter(pk=1).first() or SiteSettings(); "
    "row.members_only = {closed}; site.change(row)"
)


def is_sent(client: httpx.Client, address: str) -> bool:
    """Tell whether a visitor is answered."""
    return client.get(address).status_code == 200


@pytest.mark.parametrize("stage", [1, 2, 3, 5])
def test_a_closed_site_is_closed_at_every_door(stage: int, stages: Stages) -> None:
    cluster = stages.get(stage)
    with author_on(cluster) as author, doors(cluster) as clients:
        path = author.path
        for client in clients.values():
            assert [client.get(path).status_code for _ in range(2)] == [200, 200]
        tag = clients["front"].get(path).headers["etag"]
        author.ask(CHANGE.format(closed=True))
        try:
            for client in clients.values():
                for method, headers in looks(path, tag):
                    assert_hidden(client.request(method, path, headers=headers))
                assert client.get("/explore/").status_code == 302
                assert client.get(f"/@{author.name}/").status_code == 302
                assert client.get(path, headers=author.token).status_code == 200
            seen = clients["front"].get(path, headers=author.token)
            assert seen.headers["cache-control"] == "private, no-cache"
        finally:
            author.ask(CHANGE.format(closed=False))
        # What has opened may be known a little later, unlike what has closed.
        for client in clients.values():
            for address in ("/explore/", path):
                until(partial(is_sent, client, address))
