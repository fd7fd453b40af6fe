"""The people of the demo, and the texts of their comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the demo: ``favourites`` are motifs, ``portrait`` is the number of an avatar."""

    username: str
    name: str
    bio: str
    portrait: int
    favourites: Sequence[str]
    website: str = ""
    private: bool = False


DEMO = "demo"
PEOPLE: Sequence[Person] = (
    Person(DEMO, "Demo", "Just looking around. Mostly skies.", 0, ("sea", "balloons", "lake")),
    Person(
        "mira",
        "Mira Okafor",
        "Mountains, mornings, too much coffee.",
        3,
        ("mountains", "lake"),
        "https://example.org/mira",
    ),
    Person("jonas", "Jonas Lindqvist", "North of the tree line.", 8, ("aurora", "winter")),
    Person("yuki", "Yuki Tanabe", "Nights in the city.", 7, ("skyline", "rain")),
    Person("amara", "Amara Diallo", "Sand, wind, light.", 9, ("dunes", "above the clouds")),
    Person(
        "teo",
        "Teo Marchetti",
        "Architect. I look up.",
        6,
        ("facade", "arches"),
        "https://example.org/teo",
    ),
    Person("lena", "Lena Vogt", "Trees do not mind being photographed.", 1, ("forest", "winter")),
    Person(
        "ravi",
        "Ravi Menon",
        "Amateur astronomer, professional insomniac. #nightsky",
        10,
        ("milky way", "aurora"),
    ),
    Person("ines", "Inês Duarte", "Atlantic coast.", 5, ("sea", "above the clouds")),
    Person("sam.w", "Sam Whitaker", "Gardens and what lives in them.", 2, ("meadow", "forest")),
    Person("noor", "Noor Haddad", "Blurry on purpose.", 12, ("bokeh", "rain", "skyline")),
    Person("kofi", "Kofi Mensah", "Up in a basket most weekends.", 4, ("balloons", "dunes")),
    Person(
        "clara",
        "Clara Novak",
        "For friends and family.",
        11,
        ("meadow", "bokeh", "arches"),
        private=True,
    ),
)

COMMENTS: Sequence[str] = (
    "Wow.",
    "Where is this?",
    "The light!",
    "I can almost feel the air there.",
    "Saved for my next trip.",
    "This one belongs on a wall.",
    "How long did you wait for that?",
    "The colours are unreal 😍",
    "Lovely mood.",
    "You make me want to get up earlier.",
    "My favourite of yours so far.",
    "So calm.",
    "I was there last year and saw nothing but rain!",
    "Which lens is this?",
    "Beautiful, as always.",
    "Take me with you next time 🙂",
    "@mira you would love this one.",
    "@teo look at the lines!",
    "Straight to the wall. #favourite",
)

THANKS: Sequence[str] = ("Thank you!", "Thanks 🙏", "Just a phone, really.", "Next time, promise!")
