"""A record describes the machine and the set-up, and never names the machine."""

from __future__ import annotations

import os

import psutil

from infra.lab.measure import machine
from minigram_site import database_url


def test_the_pool_of_a_stage_is_the_one_that_the_site_makes() -> None:
    url = "postgres://a:b@h:1/d"
    for address in (url, f"{url}?pool=5"):
        given = database_url.parse(address)["OPTIONS"]
        pool = database_url.postgresql_options(given)["pool"]
        assert machine.pool_of(address) == pool["max_size"]
    assert machine.pool_of("sqlite:///db") == 0


def test_a_machine_is_described_without_its_name() -> None:
    described = str(machine.machine())
    assert os.uname().nodename not in described
    assert str(psutil.cpu_count()) in described
