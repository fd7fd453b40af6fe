"""What the demo's people have published, the newest first: photographs, and painted scenes between.

A photograph stands where ``PLACES`` says; the painter's scenes fill the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from social.demo.painter.scenes import Scene, scenes
from social.demo.people import PEOPLE, Person
from social.demo.photographs import PHOTOGRAPHS, Box, Cut

# Who says what. What begins with ``ANSWER`` answers the comment before.
Remark = tuple[str, str]
ANSWER = "> "


@dataclass(frozen=True, slots=True)
class Post:
    """A photo of one or several pictures.

    ``heat`` is the share of the people who like it, ``is_hot`` whether they do so today.
    """

    author: str
    pictures: Sequence[Cut | Scene]
    caption: str
    heat: float | None = None
    is_hot: bool = False
    said: Sequence[Remark] = ()


def _cut(name: str, box: Box | None = None, *, monochrome: bool = False) -> Cut:
    return Cut(PHOTOGRAPHS[name], box, monochrome)


def _photograph(
    author: str,
    cuts: Sequence[Cut],
    caption: str,
    heat: float,
    *said: Remark,
    is_hot: bool = False,
) -> Post:
    lines = dict.fromkeys(cut.photograph.credit for cut in cuts)
    return Post(author, cuts, "\n\n".join([caption, *lines]), heat, is_hot, said)


# Of all, in the order of their age: the newest have had little time to be liked.
_PHOTOGRAPHS = (
    _photograph(
        "sam.w",
        [_cut("dandelions")],
        "Make a wish, quick, the wind is coming. #garden #goldenhour",
        0.2,
        ("lena", "Pusteblumen! Als Kind habe ich keine ausgelassen."),
    ),
    _photograph(
        "yuki",
        [_cut("coffee")],
        "三杯目。Third cup, first good one. #coffee",
        0.13,
        ("mira", "I could smell this one"),
    ),
    _photograph(
        "mira",
        [_cut("picos"), _cut("picos-path"), _cut("picos-snow")],
        "Left at five, on the snow by ten. Swipe for the way up. #mountains #hiking",
        0.27,
        ("oriol", "¿Con botas o con esquís?"),
        ("mira", "> Con botas. Y con mucho queso."),
        ("demo", "Take me with you next time"),
    ),
    _photograph(
        "noor",
        [_cut("brushes")],
        "كل الألوان التي أحتاجها اليوم. #ألوان #paint",
        0.2,
        ("amara", "Magnifique"),
        ("demo", "The blue one! ❤️"),
        ("noor", "> شكرًا! الأزرق هو الأقدم عندي."),
    ),
    _photograph(
        "demo",
        [_cut("sunset")],
        "The last five minutes, up on the hill with @ines and @kofi. #sunset #goldenhour",
        0.6,
        ("ines", "Que tarde tão boa!"),
        ("kofi", "Next time we take the balloon, @demo"),
        ("demo", "> Only if you carry it up here 🙂"),
        ("mira", "Where is this?"),
    ),
    _photograph(
        "hana",
        [_cut("cat")],
        "She was not asked. She is not amused. #cats",
        1.0,
        ("oriol", "Mis perros dicen hola 🐶"),
        ("hana", "> She says no."),
        ("yuki", "かわいい！"),
        ("demo", "Those eyes"),
        ("noor", "يا سلام على هذه النظرة"),
        is_hot=True,
    ),
    _photograph(
        "teo",
        [_cut("wine-table"), _cut("wine")],
        "Prima il vino, poi il djembe. #interiors",
        0.33,
        ("ines", "Convidas?"),
        ("teo", "> Quando vuoi."),
    ),
    _photograph(
        "lena",
        [_cut("stream-falls")],
        "Man hört ihn, bevor man ihn sieht. #forest #water",
        0.4,
        ("sam.w", "Wonderful greens. How long was the exposure?"),
        ("lena", "> Eine halbe Sekunde, auf einem Stein abgelegt."),
    ),
    _photograph(
        "ravi",
        [_cut("hubble")],
        "Not mine, of course. But every dot is a galaxy, and I think about that a lot. #nightsky",
        0.93,
        ("jonas", "Every. Single. Dot."),
        ("demo", "I had to sit down"),
        ("ravi", "> Same, every time"),
        is_hot=True,
    ),
    _photograph(
        "sam.w",
        [_cut("fig"), _cut("fig-close")],
        "First fig of the year. It lasted a minute longer than this photo took. #garden #red",
        0.87,
        ("amara", "Quelle couleur !"),
        ("noor", "تين! أحب هذا الأحمر"),
        ("teo", "@yuki look at that shadow"),
        is_hot=True,
    ),
    _photograph(
        "mira",
        [_cut("aitzgorri")],
        "October, in one picture. #mountains #autumn",
        0.47,
        ("lena", "Die Lärchen!"),
    ),
    _photograph(
        "oriol",
        [_cut("dogs-close"), _cut("dogs")],
        "Los vecinos ya saben a qué hora vuelvo. #dogs",
        1.0,
        ("hana", "My cat has seen this and left the room"),
        ("oriol", "> 😂 Lo entiendo."),
        ("mira", "Names, please!"),
        ("oriol", "> Arriba Nit, abajo Lluna."),
        ("kofi", "Front row seats"),
        is_hot=True,
    ),
    _photograph(
        "sam.w",
        [_cut("dandelion-close")],
        "About two hundred little parachutes, I gave up counting. #garden #macro",
        0.8,
        ("hana", "The detail!"),
        is_hot=True,
    ),
    _photograph(
        "ravi",
        [_cut("rocket")],
        "Blue hour at the pad. Scrubbed ninety seconds later. #space",
        0.53,
        ("jonas", "At least the lights were on"),
    ),
    _photograph(
        "lena",
        [_cut("stream", monochrome=True)],
        "Derselbe Bach, ohne das Grün. #blackandwhite #forest",
        0.73,
        ("noor", "أجمل بدون ألوان"),
        ("yuki", "静かですね"),
        is_hot=True,
    ),
    _photograph(
        "mira",
        [_cut("aitzgorri-ridge")],
        "The long way round. #mountains",
        0.33,
        ("oriol", "Qué cresta"),
    ),
    _photograph(
        "ines",
        [_cut("sunset-sun")],
        "Camadas. #sunset",
        0.67,
        ("demo", "Layers and layers. Lovely."),
        ("ines", "> Obrigada, @demo!"),
        is_hot=True,
    ),
    _photograph(
        "clara",
        [_cut("dandelions-light")],
        "Evening at grandma's. Only for you.",
        0.2,
        ("demo", "Say hello to her!"),
    ),
)
PLACES = (0, 1, 2, 4, 5, 6, 8, 10, 11, 13, 15, 18, 20, 23, 27, 31, 36, 41)
MOST = 44


def posts(count: int) -> list[Post]:
    """Return the newest ``count`` posts, at most ``MOST``, the newest first."""
    count = min(count, MOST)
    photographs = dict(zip(PLACES, _PHOTOGRAPHS, strict=True))
    painted = _painted(scenes(MOST - len(PLACES)))
    return [photographs[place] if place in photographs else next(painted) for place in range(count)]


def _painted(drawn: Sequence[Scene]) -> Iterator[Post]:
    """Yield a post for each scene, by who loves its motif and has the fewest posts so far."""
    made: dict[tuple[str, str], int] = {}
    counted = Counter(post.author for post in _PHOTOGRAPHS)
    for scene in drawn:
        fans = [person for person in PEOPLE if scene.motif in person.favourites]
        person = min(fans, key=lambda fan: counted[fan.username])
        counted[person.username] += 1
        number = made.get((person.username, scene.motif), 0)
        made[person.username, scene.motif] = number + 1
        caption = _caption(person, scene, number)
        yield Post(person.username, [scene], f"{caption} #{scene.motif.replace(' ', '')}")


def _caption(person: Person, scene: Scene, number: int) -> str:
    own = person.captions.get(scene.motif)
    return own[number % len(own)] if own else scene.caption
