"""One process of simulated people: ``python -m infra.lab.load.generator``.

Reads a load (``load.spec.LoadSpec`` as JSON) from standard input, writes one line of JSON each
second to standard output, and as its last line the result. SIGTERM ends the run early and keeps
what was measured.
"""

from __future__ import annotations

import gevent.monkey

gevent.monkey.patch_all()

import itertools  # noqa: E402
import json  # noqa: E402
import logging  # noqa: E402
import random  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
import orjson  # noqa: E402
from gevent.queue import Queue  # noqa: E402
from locust.env import Environment  # noqa: E402

from infra.lab.load.response_checks import path_of  # noqa: E402
from infra.lab.load.shared_state import SharedState  # noqa: E402
from infra.lab.load.spec import LOGGED_IN_TIMES, LoadSpec  # noqa: E402
from infra.lab.load.users import ClosedLoopUser, JourneyUser, OpenLoopUser, SimulatedUser  # noqa: E402

KNOWN_PHOTOS = 400
EXPLORE = "/api/v1/explore/?sort=popular&limit=50"
ARRIVAL_SECONDS = 300  # after that the run begins with those who are there
LATE_SECONDS = 0.05  # an arrival that its own clock releases later than this was the client's fault
DROPPED = "dropped: no user was free"
BUSY = 0.8  # of a core: above that the generator measures itself


class Generator:
    """One run: people arrive, requests are counted in a window, acknowledged acts are looked up."""

    def __init__(self, load: LoadSpec) -> None:
        """Prepare the people; nothing is sent yet."""
        self.shared = SharedState(load)
        kind: type[SimulatedUser] = JourneyUser if load.profile == "journey" else ClosedLoopUser
        if load.loop == "open":
            kind = OpenLoopUser
        attributes = {
            "shared": self.shared,
            "host": load.url,
            "abstract": False,
            "concurrency": 1,
            "network_timeout": load.timeout,
            "connection_timeout": load.timeout,
            "arrivals": Queue(),
        }
        self.person: Any = type("LabUser", (kind,), attributes)
        self.environment = Environment(user_classes=[self.person], host=load.url)
        self.runner = self.environment.create_local_runner()
        self.phase = "ramp"
        self.stopped = False
        self.late = self.scheduled = self.untaken = 0
        self.cpu: list[float] = []
        self.began = time.perf_counter()

    def stop(self, *_: Any) -> None:
        """End early, as a signal handler; what was measured is kept."""
        self.stopped = True

    def run(self) -> dict[str, Any]:
        """Do the whole run and return its result, ready for JSON.

        Raises ``CannotRun`` if no person can log in, or if the site has no photos.
        """
        load = self.shared.load
        self._learn_photos()
        reporter = gevent.spawn(self._report)
        self._bring_people()
        self._measure(load)
        self.phase = "drain"
        self.runner.user_greenlets.join(timeout=load.timeout + 1)
        self.runner.user_greenlets.kill()
        result = self.shared.tally.result()
        self.phase = "check"
        findings = self._look_up() if load.checks else {}
        reporter.kill()
        used = self.cpu or [0.0]
        return {
            **result,
            "users": self.shared.arrived,
            "tokens": dict(self.shared.tokens),
            "history": {**self.shared.history.acknowledged(), **findings},
            "generator": self._own_figures(used),
        }

    def _own_figures(self, used: list[float]) -> dict[str, Any]:
        share = sum(used) / len(used)
        dropped = self.untaken + self.late
        limit = share > BUSY or (self.scheduled > 0 and self.late > self.scheduled / 100)
        return {
            "cpu_share_of_core": round(share, 3),
            "dropped": dropped,
            "late": self.late,
            "untaken": self.untaken,
            "limit": limit,
        }

    def _learn_photos(self) -> None:
        """Read which photos are popular, as a person of the data set or a new one."""
        load = self.shared.load
        scout = self._extra_person()
        if load.people:
            scout.name, scout.password = "user1", load.password
        if not (scout.log_in() if load.people else scout.register()):
            raise CannotRun(f"No person can log in: {dict(self.shared.tally.outside)}")
        photos: list[str] = []
        path = EXPLORE
        while path and len(photos) < KNOWN_PHOTOS:
            answer = scout.call("explore", "GET", path)
            if answer.cause:
                raise CannotRun(f"The site does not show its photos: {answer.cause}.")
            page = orjson.loads(answer.body)
            photos += [card["id"] for card in page["results"]]
            path = path_of(page["next"]) if page["next"] else ""
        if not photos:
            raise CannotRun("The site has no photos: load a data set (manage.py populate) first.")
        self.shared.know_photos(photos)

    def _extra_person(self) -> Any:
        """Return a user who takes no part in the load."""
        extra = self.person(self.environment)
        self.shared.numbers = itertools.count()
        return extra

    def _bring_people(self) -> None:
        """Let people arrive one after another; return when all are there, or after five minutes."""
        load = self.shared.load
        logged_in = len(load.tokens)
        for number in range(load.users):
            self.runner.spawn_users({"LabUser": 1})
            gevent.sleep(1 / (load.ramp * (LOGGED_IN_TIMES if number < logged_in else 1)))
            if self.stopped:
                return
        end = time.perf_counter() + ARRIVAL_SECONDS
        while self.shared.arrived < load.users and time.perf_counter() < end and not self.stopped:
            gevent.sleep(0.05)

    def _measure(self, load: LoadSpec) -> None:
        self.phase = "run"
        clock = gevent.spawn(self._watch_cpu)
        self.shared.tally.open()
        say({"opened": True})
        end = self.shared.tally.opened + load.seconds
        if load.loop == "open":
            self._send_arrivals(load, end)
        while time.perf_counter() < end and not self.stopped:
            gevent.sleep(min(0.1, max(0.001, end - time.perf_counter())))
        self.shared.tally.close()
        say({"closed": True})
        self.shared.end.set()
        clock.kill()
        if load.loop == "open":
            self._settle_arrivals()

    def _send_arrivals(self, load: LoadSpec, end: float) -> None:
        """Release arrivals at moments that were fixed before, exponentially apart."""
        dice = random.Random(f"{load.seed}/arrivals")
        names, weights = list(load.mix), list(load.mix.values())
        intended = time.perf_counter()
        while not self.stopped:
            intended += dice.expovariate(load.rate)
            if intended >= end:
                return
            ahead = intended - time.perf_counter()
            if ahead > 0:
                gevent.sleep(ahead)
            self.scheduled += 1
            self.late += time.perf_counter() - intended > LATE_SECONDS
            self.person.arrivals.put((intended, dice.choices(names, weights)[0]))

    def _settle_arrivals(self) -> None:
        """Wait up to the time-out for arrivals not yet taken; count the rest as dropped."""
        end = time.perf_counter() + self.shared.load.timeout
        while not self.person.arrivals.empty() and time.perf_counter() < end:
            gevent.sleep(0.05)
        while not self.person.arrivals.empty():
            intended, operation = self.person.arrivals.get()
            self.untaken += 1
            self.shared.tally.add(
                operation,
                began=intended,
                ended=time.perf_counter(),
                cause=DROPPED,
            )
        for _ in range(self.shared.load.users):
            self.person.arrivals.put((0, ""))

    def _watch_cpu(self) -> None:
        while True:
            cpu, wall = time.process_time(), time.perf_counter()
            gevent.sleep(1)
            self.cpu.append((time.process_time() - cpu) / (time.perf_counter() - wall))

    def _look_up(self) -> dict[str, Any]:
        """Look acknowledged acts up, as the people who did them."""
        clients: dict[str, Any] = {}

        def ask(name: str, path: str) -> tuple[int, Any]:
            if name not in clients:
                clients[name] = self._extra_person()
                clients[name].name, clients[name].password = name, self.shared.passwords[name]
                clients[name].token = self.shared.tokens.get(name, [""])[0]
            return _ask(clients[name], path)

        load = self.shared.load
        return self.shared.history.check(ask, load.checks, load.seed).to_json()

    def _report(self) -> None:
        while True:
            gevent.sleep(1)
            tally = self.shared.tally
            say(
                {
                    "phase": self.phase,
                    "users": self.shared.arrived,
                    "second": round(tally.seconds(), 1),
                    "cpu": round(self.cpu[-1], 2) if self.cpu else 0,
                    **tally.moment(),
                }
            )


def _ask(person: Any, path: str) -> tuple[int, Any]:
    """Return status and JSON of an address as this person, after three tries at most."""
    for _ in range(3):
        if person.token or person.log_in():
            answer = person.call("check", "GET", f"/api/v1/{path}")
            if not answer.cause:
                return answer.status, orjson.loads(answer.body)
        gevent.sleep(0.5)
    return 0, None


class CannotRun(Exception):
    """Why a run cannot begin, as a sentence."""


def say(line: dict[str, Any]) -> None:
    """Write one line of JSON to the process that started this one."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run the load that standard input holds, and write the result."""
    logging.disable(logging.WARNING)
    generator = Generator(LoadSpec.from_json(sys.stdin.readline()))
    signal.signal(signal.SIGTERM, generator.stop)
    try:
        say({"result": generator.run()})
    except CannotRun as reason:
        say({"error": str(reason)})


if __name__ == "__main__":
    main()
