"""What was acknowledged is looked up again: what is lost, twice or miscounted is found."""

from __future__ import annotations

from typing import Any

from infra.lab.load.history import History


class Site:
    """Answers as the site would, from a table of paths."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {path.replace("__", "/"): answer for path, answer in answers.items()}

    def ask(self, person: str, path: str) -> tuple[int, Any]:
        """Return what stands in the table, else 404."""
        path = path.partition("?")[0].strip("/")
        return (200, self.answers[path]) if path in self.answers else (404, None)


def rows(*values: dict[str, Any]) -> dict[str, Any]:
    return {"next": None, "results": list(values)}


def test_what_is_there_once_is_neither_lost_nor_doubled() -> None:
    history = History(likes={("ann", "1")}, follows={("ann", "bob")})
    history.photos["ann", "Lab 1"] = "7"
    history.comments["ann", "1", "Hello"] = "8"
    site = Site(
        photos__1={"liked": True, "like_count": 1},
        photos__1__likes=rows({"username": "ann"}),
        photos__1__comments=rows({"text": "Hello"}),
        users__bob={"you_follow": True},
        users__ann__photos=rows({"caption": "Lab 1"}),
    )
    found = history.check(site.ask, limit=100, seed=1, patience=0).to_json()
    assert found["checked"] == 5
    assert (found["lost"], found["doubled"], found["miscounted"]) == (0, 0, 0)


def test_what_is_missing_is_lost() -> None:
    history = History(likes={("ann", "1")}, follows={("ann", "bob")})
    history.photos["ann", "Lab 1"] = "7"
    history.comments["ann", "1", "Hello"] = "8"
    site = Site(
        photos__1={"liked": False, "like_count": 0},
        photos__1__likes=rows(),
        photos__1__comments=rows(),
        users__bob={"you_follow": False},
        users__ann__photos=rows(),
    )
    assert history.check(site.ask, limit=100, seed=1, patience=0).to_json()["lost"] == 4


def test_what_is_there_twice_is_doubled_and_wrong_counters_are_found() -> None:
    history = History(likes={("ann", "1")})
    history.photos["ann", "Lab 1"] = "7"
    site = Site(
        photos__1={"liked": True, "like_count": 3},
        photos__1__likes=rows({"username": "ann"}, {"username": "ann"}),
        users__ann__photos=rows({"caption": "Lab 1"}, {"caption": "Lab 1"}),
    )
    found = history.check(site.ask, limit=100, seed=1, patience=0).to_json()
    assert (found["doubled"], found["miscounted"]) == (2, 1)


def test_a_site_that_does_not_answer_has_lost_nothing_that_we_know_of() -> None:
    history = History(likes={("ann", "1")}, follows={("ann", "bob")})
    found = history.check(Site().ask, limit=100, seed=1, patience=0).to_json()
    assert (found["lost"], found["unanswered"]) == (0, 2)
