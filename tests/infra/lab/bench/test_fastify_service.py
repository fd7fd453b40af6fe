"""The Fastify service gets the site's own rows, and says what it lacks."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from random import Random

import jwt
import pytest
from django.db import connection

from infra.lab.bench import rows
from infra.lab.bench.checkout import Checkout
from infra.lab.bench.contestants import StageSite
from infra.lab.bench.crowd import Crowd
from infra.lab.bench.peers.fastify_service import (
    COPIED,
    SOURCE,
    FastifyPeer,
    PeerMissing,
    require_node,
    running_peers,
    token,
)

pytestmark = pytest.mark.database

KEY = "a-key-that-is-long-enough-for-hs256-signatures"


def test_without_node_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PeerMissing, match=r"node and npm: install Node\.js 20 or later"):
        require_node()


def test_node_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, printed in (("node", "v18.20.4"), ("npm", "10.7.0")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {printed}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(PeerMissing, match=r"needs Node\.js 20, not v18\.20\.4"):
        require_node()


def test_a_site_on_sqlite_has_no_rows_to_copy(tmp_path: Path) -> None:
    site = StageSite("here", Checkout(tmp_path), tmp_path, 1)
    with pytest.raises(PeerMissing, match="Stage 2 or later"), running_peers(site, print):
        pass


def test_its_token_is_a_json_web_token() -> None:
    claims = jwt.decode(token("42", KEY, time.time()), KEY, algorithms=["HS256"])
    assert claims["id"] == "42"


def test_it_has_the_rows_that_it_can_do() -> None:
    crowd = Crowd(["alice", "bob"], lambda names: dict.fromkeys(names, "x"), photos=["1"])
    peer = FastifyPeer("Fastify", 1, {}, crowd)
    able = {row.name for row in rows.ROWS if peer.requests(row, Random(1))}
    assert able == {rows.FEED.name, rows.PHOTO.name, rows.LIKE.name}


def test_versions_are_exact_and_the_lock_names_no_registry() -> None:
    wanted = json.loads((SOURCE / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    text = (SOURCE / "package-lock.json").read_text()
    locked = json.loads(text)["packages"]
    assert locked[""]["dependencies"] == wanted
    assert all("integrity" in each for name, each in locked.items() if name)
    assert '"resolved"' not in text


@pytest.mark.django_db
@pytest.mark.parametrize("query", COPIED.values(), ids=COPIED)
def test_what_it_copies_is_there(query: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("it copies from PostgreSQL")
    with connection.cursor() as cursor:
        cursor.execute(query)
        assert cursor.fetchall() == []
