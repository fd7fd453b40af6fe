"""State that all simulated people of a run share: load, popular photos, counts, history."""

from __future__ import annotations

import itertools
import random
import uuid
from dataclasses import dataclass, field

from gevent.event import Event

from infra.lab.load.history import History
from infra.lab.load.pictures import form_of, real_jpeg
from infra.lab.load.spec import LoadSpec
from infra.lab.load.tally import Tally


@dataclass
class SharedState:
    """The state of one run."""

    load: LoadSpec
    tally: Tally = field(default_factory=Tally)
    history: History = field(default_factory=History)
    # Photos by popularity, the most popular first, and their weights added up.
    photos: list[str] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)
    weights: list[float] = field(default_factory=list)
    # Names of those who registered, so that two runs on one site do not meet.
    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    arrived: int = 0
    # Set when the run is over, which wakes whoever thinks.
    end: Event = field(default_factory=Event)
    jpeg: bytes = b""
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    # Names and passwords of all who have logged in, for looking acts up at the end.
    passwords: dict[str, str] = field(default_factory=dict)
    # Access and refresh token of those who are logged in.
    tokens: dict[str, list[str]] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether the run is over."""
        return bool(self.end.is_set())

    def __post_init__(self) -> None:
        """Make the picture that all uploads share, and take who is logged in."""
        self.tokens = dict(self.load.tokens)
        self.jpeg = real_jpeg(self.load.picture, self.load.seed)

    def know_photos(self, photos: list[str]) -> None:
        """Remember photos in the order of their popularity."""
        self.photos = photos
        ranks = range(1, len(photos) + 1)
        self.weights = list(itertools.accumulate(rank**-self.load.zipf for rank in ranks))

    def popular_photo(self, dice: random.Random) -> str:
        """Draw a photo: the one on rank r is seen r^-zipf times as often as the first."""
        return dice.choices(self.photos, cum_weights=self.weights)[0]

    def upload_body(self, caption: str) -> bytes:
        """Return the form of an upload; each file differs in a comment of its JPEG."""
        return form_of(self.jpeg, caption)
