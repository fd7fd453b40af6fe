"""What a document is made of, and how that looks in Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infra.lab.report.tables import Table


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the title."""

    level: int
    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph, with `**bold**`, backticks and links as in Markdown."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list of sentences, marked as ``Text`` is."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """Preformatted lines."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Plot:
    """A picture, by the name of its file without ending."""

    name: str
    alt: str


Block = Heading | Text | Items | Code | Plot | Table


def markdown(blocks: Iterable[Block], plots: str) -> str:
    """Return the document in Markdown; pictures are taken from the folder ``plots``."""
    return "\n\n".join(_block(block, plots) for block in blocks) + "\n"


def _block(block: Block, plots: str) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {text}"
        case Text(text):
            return text
        case Items(items):
            return "\n".join(f"- {item}" for item in items)
        case Code(text, language):
            return f"```{language}\n{text}\n```"
        case Plot(name, alt):
            return f"![{alt}]({plots}/{name}.svg)"
        case Table():
            title = f"**{block.title}**\n\n" if block.title else ""
            return title + block.markdown()
