"""The motifs of the demo's photos: which painter, which colours, which captions."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image

from social.demo.painter import cities, landscapes, plants, skies
from social.demo.painter.brush import Color, Size

Painter = Callable[[random.Random, Size, Sequence[Color]], Image.Image]


@dataclass(frozen=True, slots=True)
class Motif:
    """A kind of picture: its painter, description, palettes (five colours each) and captions."""

    paint: Painter
    alt_text: str
    colors: Sequence[str]
    captions: Sequence[str]


# Colours: the sky from its top to the horizon, the light, the ground.
MOTIFS: dict[str, Motif] = {
    "mountains": Motif(
        landscapes.mountains,
        "Ranges of mountains fading into the haze",
        (
            "3c5a86 8fa9c9 e9cfc0 ffe0b0 16263c",
            "4a3f6b c57b8a f6c8a0 ffd59a 231a36",
            "5f8f9b b9d3cf f3ead0 fff3cf 1d3a36",
            "7a8794 b4bcc2 dfe0de ffffff 20262c",
        ),
        (
            "Six ranges before breakfast",
            "Layers, and more layers",
            "Nobody else on this ridge all morning",
            "Waited an hour for the haze",
        ),
    ),
    "sea": Motif(
        landscapes.sea,
        "The sun low over a calm sea, with its path on the water",
        (
            "2d3f6e b0647a f2a25c ffc27a 1c2a4a",
            "5b8bb0 c7d6d2 fbe6b5 fff0c0 2b5468",
            "311f4f 8e3f6f e8736a ff9d6e 1d1233",
            "86a6bd e2d8cf fbd8bd ffe6c8 4a6b80",
        ),
        (
            "Last light",
            "Swam until this happened",
            "The evening ferry was late. Good.",
            "Salt on everything",
        ),
    ),
    "aurora": Motif(
        skies.aurora,
        "Green and violet northern lights over a dark forest",
        (
            "060b1e 0c2038 123a46 46e6a0 03070c",
            "0a0720 1b1444 2a2a5e a070ff 050410",
            "04101c 073040 0d4a4c 7dffc0 020809",
            "100a24 2b1840 3a2c58 ff7ab8 07040e",
        ),
        (
            "Minus 18, no feeling in my toes, worth it",
            "It danced for eleven minutes",
            "First time I see it",
            "The sky was busy tonight",
        ),
    ),
    "skyline": Motif(
        cities.skyline,
        "A city skyline with lit windows, mirrored in the river",
        (
            "0d1633 2f3566 b0608a ffb46a 080d1c",
            "101820 24425c 5f8fa6 ffe0a0 070c12",
            "1c1030 5a2a5c e07a5a ffc36e 0e0818",
            "0a1a2a 134a5e 3f9a9a ffd58a 05101a",
        ),
        (
            "Blue hour",
            "From the bridge, going home",
            "Everyone is still at work",
            "The city does its thing",
        ),
    ),
    "dunes": Motif(
        landscapes.dunes,
        "Sand dunes with sharp crests in low sunlight",
        (
            "5f8fc0 a9c6dd f0d9b8 f2b878 8a4a2a",
            "3a3f6e a56a7c f0b08a e89a62 5a2a30",
            "90b4c8 d0dcd8 f2e8d0 f4d9a8 a87a4a",
            "2a2a4a 6a4a6a d08a6a d67a4a 3a1a2a",
        ),
        (
            "Wind drew this overnight",
            "Two hours up, one minute down",
            "Sand in my camera again",
            "No footprints but mine",
        ),
    ),
    "forest": Motif(
        plants.forest,
        "Fir trees standing in the fog",
        (
            "8fa3a8 b9c6c4 d9dfd9 ffffff 14241f",
            "6f7f94 a9b3c2 d5d8df fff0dc 161d2a",
            "a58f72 d3bf9c efe2c4 fff2cc 2a2114",
            "5f7f78 9ab8a8 cfe0cc f4ffe0 0e241c",
        ),
        (
            "Foggy and quiet",
            "You could hear the drops",
            "Somewhere in there is a path",
            "The dog saw a deer, I saw trees",
        ),
    ),
    "balloons": Motif(
        cities.balloons,
        "Hot-air balloons over hills in the morning",
        (
            "4f7fb8 a9c4d8 f8d9b0 ffd08a 4a3a3a",
            "6a5a8e d08a9a fac89a ffd9a0 3a2a3e",
            "3f8fae 9fd0d4 f6eec8 fff0b0 3a4a3e",
            "8a9ec0 d6cbd0 fbdcc4 ffe4c4 54484e",
        ),
        (
            "Up at four for this",
            "Seven of them!",
            "Quiet, except for the burners",
            "I want to be in the red one",
        ),
    ),
    "bokeh": Motif(
        cities.bokeh,
        "Street lights at night, out of focus",
        (
            "0a0a18 1a1430 ff8a4a ffc86a 05050c",
            "04121a 0a2a34 4ac8c8 ffd07a 02080c",
            "14081c 32103a ff5a8a ffb07a 0a0410",
            "0c1020 20305a 6aa0ff fff0c0 060810",
        ),
        (
            "Forgot my glasses",
            "Market street, 11 pm",
            "Out of focus on purpose, honest",
            "Festival of lights",
        ),
    ),
    "lake": Motif(
        landscapes.lake,
        "Mountains mirrored in a still lake",
        (
            "34659a 9fc0da f4ddc4 ffe6bd 17322e",
            "4a3a6a c78a9a fad0b0 ffdca8 1e1a34",
            "2e7f94 a4d4d0 f2f0d4 fff6d0 16382e",
            "56606e a2aab4 dcd8d4 fff4e8 1c2026",
        ),
        (
            "Not a breath of wind",
            "Which way is up?",
            "Cold water, warm tea",
            "We had the lake to ourselves",
        ),
    ),
    "milky way": Motif(
        skies.milky_way,
        "The Milky Way above a mountain ridge",
        (
            "05070f 0c1428 1d2a44 c9b8ff 020308",
            "070510 1a1030 3a2048 ffb89a 040208",
            "02090f 06202c 12404a a8ffe8 010406",
            "0a0a12 1c1c2a 3c3a44 fff0d0 040406",
        ),
        ("25 seconds of not moving", "So many", "Found a truly dark place", "New moon"),
    ),
    "facade": Motif(
        cities.facade,
        "Glass fronts of an office building seen from below",
        (
            "2f6fa8 7fb0d4 cfe4ee ffffff 3a4450",
            "a86a5a d8a88a f4dcc0 fff0dc 4a3a38",
            "4a5a78 93a4bc dadfe6 f4f8ff 2c323c",
            "2a7a7e 86c0b8 dcefe2 fffbe8 30403e",
        ),
        ("Corner", "Look up more often", "Monday", "They clean these by hand"),
    ),
    "meadow": Motif(
        plants.meadow,
        "Flowers in a summer meadow",
        (
            "9fc4d8 c4d8b0 e05a4a f04a3a 4a7a34",
            "c9b8d8 c8ccb0 b070c8 d69ae8 54783e",
            "f0d8a8 d8cc8a f0b030 ffd24a 6a7a2e",
            "a8d0d0 bcd8a8 f4f0f0 ffffff 3e7040",
        ),
        ("June", "My knees are green now", "Left them all where they were", "Bees not pictured"),
    ),
    "above the clouds": Motif(
        skies.above_the_clouds,
        "A sea of clouds with peaks standing out of it",
        (
            "2f5f9e 8fb4d8 f4d0b4 fff0e0 4a5a78",
            "3a2f62 b06a8a f8b48a ffe0c4 4a3a5e",
            "3f8ab0 a8d4e0 f8ecd4 ffffff 5a7a8a",
            "6a7488 b4b8c4 e8dcd4 fff8f0 4e5460",
        ),
        ("Above it all", "The valley had rain", "Window seat", "Worth the early train"),
    ),
    "winter": Motif(
        plants.winter,
        "Snow falling on fir trees",
        (
            "8a9cb0 b8c4d0 dce2e8 f6f8fc 2a3a48",
            "5a6a8e 9aa4c0 d8d0d8 f0ecf4 222a40",
            "a8a09a ccc6c0 e8e2da fffaf4 3a3630",
            "4a6a7a 8ab0ba d0e4e6 f0fcff 1c3038",
        ),
        (
            "First snow",
            "The road was closed, so we walked",
            "Hot chocolate after this one",
            "So quiet you can hear it land",
        ),
    ),
}
