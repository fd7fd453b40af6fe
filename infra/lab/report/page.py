"""The document as one HTML file that needs nothing else: styles and pictures stand inside."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from infra.lab.report.blocks import Block, Heading, markdown

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { border: 1px solid #8886; padding: .25rem .6rem; text-align: left; }
td[style*="right"] { font-variant-numeric: tabular-nums; }
pre { background: #8882; padding: .75rem; overflow-x: auto; }
figure { margin: 1rem 0; background: #fff; padding: .5rem; }
figure svg { max-width: 100%; height: auto; }
"""


def page(blocks: Iterable[Block], plots: Mapping[str, str]) -> str:
    """Return the page, rendered from the Markdown of ``blocks``.

    ``plots`` holds the SVG of each picture by its name. Links to other files lose their target.
    """
    blocks = list(blocks)
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n'
        f"<title>{html.escape(title)}</title>\n"
        f"<style>{_STYLE}</style>\n<main>\n{_body(markdown(blocks, ''), plots)}</main>\n</html>\n"
    )


def _body(text: str, plots: Mapping[str, str]) -> str:
    """Return Markdown as HTML; raw HTML in it is escaped."""

    def figure(_renderer: Any, tokens: Sequence[Token], at: int, *_rest: Any) -> str:
        name = str(tokens[at].attrs["src"]).strip("/").removesuffix(".svg")
        return f"<figure>{_inside(plots[name], name, tokens[at].content)}</figure>\n"

    def nothing(*_: Any) -> str:
        return ""

    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    renderer.add_render_rule("image", figure)
    renderer.add_render_rule("link_open", nothing)
    renderer.add_render_rule("link_close", nothing)
    tokens = renderer.parse(text)
    for before, inline, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if [child.type for child in inline.children or ()] == ["image"]:
            # A figure stands in no paragraph.
            before.hidden = after.hidden = True
    return str(renderer.renderer.render(tokens, renderer.options, {}))


def _inside(svg: str, name: str, alt: str) -> str:
    """Return an SVG fit for a page with others: without prolog, with ids of its own and a name."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(href="|url\()#', rf"\g<1>#{name}-", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt)}" ', 1)
