"""The people of the demo: who they are, what they like to photograph, and in which language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from social.demo.photographs import PHOTOGRAPHS, Box, Cut


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the demo: ``portrait`` is the number of a painted one, or a photograph.

    ``favourites`` are motifs of the painter; ``captions`` replace a motif's own.
    """

    username: str
    name: str
    bio: str
    portrait: int | Cut
    favourites: Sequence[str]
    website: str = ""
    private: bool = False
    captions: Mapping[str, Sequence[str]] = field(default_factory=dict)


def _face(name: str, box: Box) -> Cut:
    return Cut(PHOTOGRAPHS[name], box)


DEMO = "demo"
PRIVATE = "clara"
PEOPLE: Sequence[Person] = (
    Person(DEMO, "Demo", "Just looking around. Mostly skies.", 0, ("sea", "lake")),
    Person(
        "mira",
        "Mira Okafor",
        "Mountains, mornings, too much coffee. #mountains",
        _face("picos-snow", (0.36, 0.05, 0.86, 0.82)),
        ("mountains", "lake"),
        "https://example.org/mira",
    ),
    Person(
        "jonas",
        "Jonas Lindqvist",
        "Norr om trädgränsen. North of the tree line.",
        8,
        ("aurora", "winter"),
        captions={
            "aurora": ("Minus arton och inga tår kvar. Värt det.", "Elva minuter, sedan moln igen"),
            "winter": ("Första snön", "Vägen var stängd, så vi gick"),
        },
    ),
    Person(
        "yuki",
        "Yuki Tanabe",
        "夜の街とコーヒー。Nights in the city, coffee before.",
        _face("coffee", (0.2, 0.0, 0.87, 1.0)),
        ("skyline", "bokeh"),
        captions={
            "skyline": ("終電のあと", "橋の上から"),
            "bokeh": ("雨上がりの帰り道", "ピントはわざと外しました"),
        },
    ),
    Person(
        "amara",
        "Amara Diallo",
        "Sable, vent, lumière.",
        9,
        ("dunes", "above the clouds", "milky way"),
        captions={
            "dunes": ("Le vent a dessiné ça cette nuit", "Deux heures de montée"),
            "above the clouds": ("Il pleuvait dans la vallée", "Côté fenêtre"),
        },
    ),
    Person(
        "teo",
        "Teo Marchetti",
        "Architetto. Guardo in su, e la sera suono.",
        _face("wine", (0.06, 0.5, 0.78, 0.98)),
        ("facade",),
        "https://example.org/teo",
        captions={
            "facade": ("Il cielo, piano per piano", "Ho contato le finestre: 364", "Specchio"),
        },
    ),
    Person(
        "lena",
        "Lena Vogt",
        "Bäume haben nichts dagegen, fotografiert zu werden.",
        _face("stream", (0.34, 0.0, 0.68, 0.51)),
        ("forest", "winter"),
        captions={
            "forest": ("Der Nebel blieb bis Mittag", "Hier riecht es nach Harz und nach Regen"),
            "winter": ("So still, dass man den Schnee landen hört", "Danach: heiße Schokolade"),
        },
    ),
    Person(
        "ravi",
        "Ravi Menon",
        "Amateur astronomer, professional insomniac. #nightsky",
        10,
        ("milky way", "aurora"),
    ),
    Person(
        "ines",
        "Inês Duarte",
        "Costa atlântica. Salt on everything.",
        5,
        ("sea", "above the clouds", "lake"),
        captions={
            "sea": ("Última luz", "O barco chegou atrasado. Ainda bem."),
            "above the clouds": ("Acima de tudo", "Valeu o comboio das seis"),
        },
    ),
    Person(
        "sam.w",
        "Sam Whitaker",
        "Gardens and what lives in them.",
        _face("dandelion-close", (0.1, 0.05, 0.92, 0.81)),
        ("meadow", "forest"),
    ),
    Person(
        "noor",
        "نور حداد",
        "أرسم بالنهار وأصوّر بالليل. I paint by day and photograph by night.",
        _face("brushes", (0.0, 0.14, 0.68, 1.0)),
        ("bokeh", "skyline"),
        captions={
            "bokeh": ("أضواء الشارع بعد المطر", "ضبابية عن قصد", "كل ضوء نافذة، وكل نافذة حكاية"),
            "skyline": ("المدينة لا تنام، وأنا أيضًا", "من فوق الجسر"),
        },
    ),
    Person(
        "kofi", "Kofi Mensah", "Up in a basket most weekends.", 4, ("balloons", "dunes", "meadow")
    ),
    Person(
        "oriol",
        "Oriol Ferrer",
        "Vivo al lado de dos perros que lo saben todo.",
        _face("dogs-close", (0.12, 0.0, 0.62, 0.44)),
        ("lake", "mountains"),
        captions={
            "lake": ("Ni una ola en toda la mañana", "Agua o cielo, elige tú"),
            "mountains": ("Seis sierras antes del desayuno", "Una hora esperando la niebla"),
        },
    ),
    Person(
        "hana",
        "Hana Kim",
        "One cat, one camera, no plan.",
        _face("cat", (0.16, 0.0, 0.83, 1.0)),
        ("bokeh", "meadow", "winter", "forest"),
    ),
    Person(
        PRIVATE, "Clara Novak", "For friends and family.", 11, ("meadow", "balloons"), private=True
    ),
)
