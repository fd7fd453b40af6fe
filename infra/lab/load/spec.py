"""What a generator of load is asked to do, as JSON on its standard input."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

REGISTER, LOG_IN, LOG_OUT = "register", "log in", "log out"
FEED, NEXT_PAGE, PHOTO, PICTURE = "feed", "feed, next page", "photo", "picture"
SESSION = "session"
# One that an answer shows, loaded after it: counted beside the operations of people.
PAGE_PICTURE = "picture of a page"
LIKE, FOLLOW, COMMENT, UPLOAD = "like", "follow", "comment", "upload"

READS = (SESSION, FEED, NEXT_PAGE, PHOTO, PICTURE)
WRITES = (REGISTER, LOG_IN, LIKE, FOLLOW, COMMENT, UPLOAD, LOG_OUT)
OPERATIONS = (
    REGISTER,
    LOG_IN,
    SESSION,
    FEED,
    NEXT_PAGE,
    PHOTO,
    PICTURE,
    LIKE,
    FOLLOW,
    COMMENT,
    UPLOAD,
    LOG_OUT,
)
# Argon2id at OWASP's minimum: about 21 ms of CPU, on purpose. Said beside the figures of these two.
HASHES_A_PASSWORD = (REGISTER, LOG_IN)

# The nine operations of a new person, in this order, and the way out. A new person follows
# several people first: without them the feed has no second page, or none at all.
NINE = (
    REGISTER,
    LOG_IN,
    FOLLOW,
    FOLLOW,
    FOLLOW,
    FEED,
    NEXT_PAGE,
    PHOTO,
    LIKE,
    COMMENT,
    UPLOAD,
    LOG_OUT,
)

# How often each operation is done, as weights. People read: on sites of this kind nine of ten
# requests and more are reads, likes are the usual write, an upload is a rare event (a person looks
# at some hundred photos for each one they publish), and apps stay logged in for weeks. The pictures
# that an answer shows are loaded besides (``picture_cache``).
DEFAULT_MIX: dict[str, float] = {
    FEED: 40,
    NEXT_PAGE: 14,
    PHOTO: 32,
    LIKE: 7,
    FOLLOW: 1,
    COMMENT: 1.3,
    UPLOAD: 0.3,
    LOG_OUT: 0.3,
    REGISTER: 0.1,
}
# The mix of before: few pictures, each asked for by itself, as if people had seen nearly all.
CLASSIC_MIX: dict[str, float] = {**DEFAULT_MIX, PICTURE: 4}
# For latencies under moderate load: enough of each kind for a percentile, and no rush of uploads,
# which would measure the making of pictures beside them.
MODERATE_MIX: dict[str, float] = {
    SESSION: 20,
    FEED: 30,
    NEXT_PAGE: 10,
    PHOTO: 25,
    LIKE: 6,
    FOLLOW: 4,
    COMMENT: 4,
    UPLOAD: 0.3,
}
# For faults: more writes, since they are what can be lost.
FAULT_MIX: dict[str, float] = {
    FEED: 30,
    NEXT_PAGE: 8,
    PHOTO: 30,
    PICTURE: 4,
    LIKE: 14,
    FOLLOW: 4,
    COMMENT: 6,
    UPLOAD: 1.5,
    LOG_OUT: 1.5,
    REGISTER: 1,
}
READS_ONLY: dict[str, float] = {FEED: 55, NEXT_PAGE: 15, PHOTO: 30}
MIXES = {
    "default": DEFAULT_MIX,
    "classic": CLASSIC_MIX,
    "moderate": MODERATE_MIX,
    "reads": READS_ONLY,
}
# Those whose people load the pictures that they are shown.
WITH_PICTURES = ("default", "moderate")

# Real people think for several seconds between two requests; a mean of one second lets each
# simulated person stand for several real ones, which spares connections and memory of the client.
DEFAULT_THINK = 1.0
DEFAULT_TIMEOUT = 10.0
DEFAULT_ZIPF = 1.0
# So many times as many people arrive a second where they need not log in.
LOGGED_IN_TIMES = 8


@dataclass(frozen=True, kw_only=True)
class LoadSpec:
    """What one run of the generator is: how many people, for how long, doing what."""

    url: str
    users: int
    seconds: float
    # "closed": each person waits for the answer, thinks, goes on. "open": requests arrive at
    # ``rate`` per second whatever the site does, and are timed from the moment they were meant.
    loop: str = "closed"
    rate: float = 0
    # "mix": drawn by weight; "reads": a mix of reads only; "moderate": a mix for latencies;
    # "journey": each person does the nine operations in order, then begins as a new one.
    profile: str = "mix"
    mix: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_MIX))
    # Whether people load the pictures that they are shown and have not loaded yet.
    pictures: bool = False
    think: float = DEFAULT_THINK
    zipf: float = DEFAULT_ZIPF
    seed: int = 1
    # People of the data set, user1 to userN, who can log in; simulated people beyond register.
    people: int = 0
    password: str = ""
    # How many people log in per second at the beginning: each of them costs a password hash.
    ramp: float = 30
    # Access and refresh token of people who are logged in already, by name: those begin at once.
    tokens: dict[str, list[str]] = field(default_factory=dict)
    timeout: float = DEFAULT_TIMEOUT
    # How many acknowledged acts are looked up again at the end.
    checks: int = 1000
    # Whether a like is looked at afterwards, as an app does; off where its own cost is wanted.
    look_again: bool = True
    # Whether a lost upload or comment is sent again with its idempotency key, as an app does.
    send_again: bool = False
    picture: tuple[int, int] = (1600, 1200)

    def to_json(self) -> str:
        """Return the load as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> LoadSpec:
        """Return the load that ``to_json`` wrote."""
        values: dict[str, Any] = json.loads(text)
        return cls(**{**values, "picture": tuple(values["picture"])})

    def with_users(self, users: int) -> LoadSpec:
        """Return a copy of the load for ``users`` people at once."""
        return replace(self, users=users)


def parse_mix(text: str) -> dict[str, float]:
    """Return the weights of one of ``MIXES`` or of a text such as ``feed=50,photo=40``.

    Raises ``ValueError`` for an unknown operation and for weights that are not positive.
    """
    if text in MIXES:
        return dict(MIXES[text])
    mix = {}
    for part in text.split(","):
        name, _, weight = part.partition("=")
        name = {"next": NEXT_PAGE}.get(name.strip(), name.strip())
        if name not in OPERATIONS or name == LOG_IN:
            known = ", ".join(sorted({*OPERATIONS} - {LOG_IN}))
            raise ValueError(f"{name!r} is no operation of a mix. There are: {known}.")
        mix[name] = float(weight)
    if not any(weight > 0 for weight in mix.values()) or min(mix.values()) < 0:
        raise ValueError("The weights of a mix are positive numbers.")
    return mix
