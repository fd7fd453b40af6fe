"""What all simulated people of one run share: the load, popular photos, counts, the history."""

from __future__ import annotations

import io
import itertools
import random
import uuid
from dataclasses import dataclass, field

from PIL import Image

from infra.lab.load.history import History
from infra.lab.load.spec import LoadSpec
from infra.lab.load.tally import Tally

BOUNDARY = "minigram-lab-b0undary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


@dataclass
class SharedState:
    """One run, as its people see it."""

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
    over: bool = False
    jpeg: bytes = b""
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    # Everybody who has got in, and their password, for looking things up at the end.
    passwords: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take the picture that everybody uploads."""
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
        note = caption.encode()
        file = b"".join(
            [self.jpeg[:2], b"\xff\xfe", (len(note) + 2).to_bytes(2, "big"), note, self.jpeg[2:]]
        )
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="caption"\r\n\r\n{caption}\r\n'
        )
        image = (
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
            'name="image"; filename="beach.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        )
        return head.encode() + image.encode() + file + f"\r\n--{BOUNDARY}--\r\n".encode()


def real_jpeg(size: tuple[int, int], seed: int) -> bytes:
    """Return a JPEG with the detail of a photograph: a gradient under noise. Costs 50 ms."""
    dice = random.Random(seed)
    gradient = Image.linear_gradient("L").resize(size)
    small = (max(1, size[0] // 4), max(1, size[1] // 4))
    noise = Image.frombytes("L", small, dice.randbytes(small[0] * small[1])).resize(size)
    photo = Image.merge("RGB", (gradient, Image.blend(gradient, noise, 0.3), noise))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=85)
    return file.getvalue()
