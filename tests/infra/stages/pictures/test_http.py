"""Parts of pictures, and pictures that a client has already: in one way on every stage."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.infra.stages.conftest import Stages
from tests.infra.stages.pictures.published import Author, author_on

pytestmark = [pytest.mark.stage, pytest.mark.xdist_group("stages")]
PUBLIC, PRIVATE = "private, max-age=31536000, immutable", "private, no-cache"
KEPT = ("cache-control", "vary", "x-content-type-options")


@pytest.fixture(scope="module", params=(1, 2, 3), ids=lambda stage: f"stage {stage}")
def author(request: pytest.FixtureRequest, stages: Stages) -> Iterator[Author]:
    """Return somebody with a photo, and leave them public."""
    with author_on(stages.get(request.param)) as author:
        yield author


@pytest.fixture(scope="module", params=("public", "private"))
def picture(author: Author, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """Return a client that may see the picture of a public, then of a private account."""
    private = request.param == "private"
    author.set_private(private=private)
    headers = author.token if private else {}
    client = httpx.Client(base_url=author.cluster.url, headers=headers, trust_env=False, timeout=60)
    with client:
        # Linked, if everybody may see it: what is asked from now on is sent without the site.
        assert client.get(author.path).status_code == 200
        yield client


@pytest.fixture
def whole(author: Author, picture: httpx.Client) -> httpx.Response:
    """Return the whole picture."""
    answer = picture.get(author.path)
    assert answer.status_code == 200
    expected = PRIVATE if "Authorization" in picture.headers else PUBLIC
    assert answer.headers["cache-control"] == expected
    assert "Cookie" in answer.headers["vary"]
    return answer


def kept(answer: httpx.Response) -> dict[str, str | None]:
    """Return the headers that say how long, and for whom, an answer may be kept."""
    return {name: answer.headers.get(name) for name in KEPT}


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_it_is_not_sent_it_again(
    author: Author, picture: httpx.Client, whole: httpx.Response, form: str
) -> None:
    held = {"If-None-Match": form.format(whole.headers["etag"])}
    for method in ("GET", "HEAD"):
        answer = picture.request(method, author.path, headers=held)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == whole.headers["etag"]
        assert kept(answer) == kept(whole)


def test_who_has_another_one_is_sent_it(
    author: Author, picture: httpx.Client, whole: httpx.Response
) -> None:
    answer = picture.get(author.path, headers={"If-None-Match": '"other"'})
    assert (answer.status_code, answer.content) == (200, whole.content)


def test_a_date_is_heeded_by_whoever_has_given_one(
    author: Author, picture: httpx.Client, whole: httpx.Response
) -> None:
    """RFC 9110, 13.1.3: without a date of its own a server ignores it."""
    given = whole.headers.get("last-modified")
    later = given or "Fri, 01 Jan 2100 00:00:00 GMT"
    answer = picture.get(author.path, headers={"If-Modified-Since": later})
    assert answer.status_code == (304 if given else 200)
    assert kept(answer) == kept(whole)
    earlier = picture.get(
        author.path, headers={"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}
    )
    assert earlier.status_code == 200


@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=8-11", slice(8, 12)), ("bytes=5-", slice(5, None)), ("bytes=-7", slice(-7, None))],
)
def test_a_part_is_sent(
    author: Author, picture: httpx.Client, whole: httpx.Response, asked: str, part: slice
) -> None:
    answer = picture.get(author.path, headers={"Range": asked})
    expected = whole.content[part]
    assert (answer.status_code, answer.content) == (206, expected)
    first = len(whole.content) - 7 if asked == "bytes=-7" else part.start
    last = first + len(expected) - 1
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(whole.content)}"
    # nginx says it before it knows whether there is such a part (infra/nginx/http.conf).
    behind_nginx = author.cluster.state.stage >= 3
    expected_headers = kept(whole) | ({"cache-control": "no-store"} if behind_nginx else {})
    assert kept(answer) == expected_headers


@pytest.mark.parametrize(("same", "status"), [(True, 206), (False, 200)])
def test_a_part_of_an_earlier_file_is_the_whole(
    author: Author, picture: httpx.Client, whole: httpx.Response, same: bool, status: int
) -> None:
    tag = whole.headers["etag"] if same else '"other"'
    answer = picture.get(author.path, headers={"Range": "bytes=0-3", "If-Range": tag})
    assert answer.status_code == status


def test_a_part_that_is_not_there_is_kept_by_nobody(
    author: Author, picture: httpx.Client, whole: httpx.Response
) -> None:
    answer = picture.get(author.path, headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(whole.content)}"
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_a_head_is_that_of_the_whole(
    author: Author, picture: httpx.Client, whole: httpx.Response
) -> None:
    answer = picture.head(author.path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(whole.content))
    assert kept(answer) == kept(whole)
