"""The document as one HTML file that needs nothing else: styles and pictures stand inside."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping

from infra.lab.report.blocks import Block, Code, Heading, Items, Plot, Text
from infra.lab.report.tables import Table

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
caption { text-align: left; font-weight: bold; }
th, td { border: 1px solid #8886; padding: .25rem .6rem; text-align: left; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: #8882; padding: .75rem; overflow-x: auto; }
figure { margin: 1rem 0; background: #fff; padding: .5rem; }
figure svg { max-width: 100%; height: auto; }
"""


def page(blocks: Iterable[Block], plots: Mapping[str, str]) -> str:
    """Return the page; ``plots`` holds the SVG of each picture by its name."""
    blocks = list(blocks)
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    body = "\n".join(_block(block, plots) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n'
        f"<title>{html.escape(title)}</title>\n"
        f"<style>{_STYLE}</style>\n<main>\n{body}\n</main>\n</html>\n"
    )


def _block(block: Block, plots: Mapping[str, str]) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level}>{_inline(text)}</h{level}>"
        case Text(text):
            return f"<p>{_inline(text)}</p>"
        case Items(items):
            return "<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>"
        case Code(text):
            return f"<pre>{html.escape(text)}</pre>"
        case Plot(name, alt):
            picture = _inside(plots[name], name, alt)
            return f"<figure>{picture}</figure>"
        case Table():
            return _table(block)


def _table(table: Table) -> str:
    caption = f"<caption>{_inline(table.title)}</caption>" if table.title else ""
    head = "".join(_cell("th", cell, at >= table.numbers) for at, cell in enumerate(table.headings))
    rows = "".join(
        "<tr>"
        + "".join(_cell("td", cell, at >= table.numbers) for at, cell in enumerate(row))
        + "</tr>\n"
        for row in table.rows
    )
    return f"<table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>"


def _cell(tag: str, text: str, number: bool) -> str:  # noqa: FBT001 - private
    style = ' class="number"' if number else ""
    return f"<{tag}{style}>{_inline(text)}</{tag}>"


def _inline(text: str) -> str:
    """Turn the few marks that the document uses into HTML. Links to files lose their target."""
    text = html.escape(text, quote=False)
    text = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"`(.+?)`", r"<code>\1</code>", text)


def _inside(svg: str, name: str, alt: str) -> str:
    """Return an SVG fit for a page with others: without prolog, with ids of its own and a name."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(href="|url\()#', rf"\g<1>#{name}-", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt)}" ', 1)
