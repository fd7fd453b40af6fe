"""The contact sheet: all pictures of a run on one page, and each page's widths in one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from PIL import Image

# How a page is shown: in either scheme, and in light from right to left.
LOOKS = ("light", "dark", "ar")
HEIGHT = 420
HEAD = """<!doctype html><meta charset=utf-8><title>Screenshots</title>
<style>body{font:14px system-ui;margin:16px;background:#888}
div{display:flex;gap:8px;overflow-x:auto;align-items:start}
img{height:380px;width:auto}h2{margin:16px 0 4px}</style>"""
GAP = 12


def write(
    out: Path, names: Sequence[str], widths: Sequence[int], faults: Mapping[str, str]
) -> Path:
    """Write ``index.html`` and a picture for each name (``sheets``); return the page."""
    (out / "sheets").mkdir(exist_ok=True)
    for name in names:
        _strip(out, name, widths)
    page = out / "index.html"
    page.write_text(_page(out, names, widths, faults))
    return page


def _strip(out: Path, name: str, widths: Sequence[int]) -> None:
    """Write one picture with all widths of a page: light above, dark and Arabic below."""
    rows = []
    for look in LOOKS:
        files = [out / f"{name}-{width}-{look}.jpg" for width in widths]
        pictures = [_reduced(file) for file in files if file.exists()]
        if pictures:
            rows.append(pictures)
    if not rows:
        return
    width = max(sum(one.width + GAP for one in row) for row in rows)
    strip = Image.new("RGB", (width, len(rows) * (HEIGHT + GAP)), "#808080")
    for number, row in enumerate(rows):
        left = 0
        for picture in row:
            strip.paste(picture, (left, number * (HEIGHT + GAP)))
            left += picture.width + GAP
    strip.save(out / "sheets" / f"{name}.png")


def _reduced(file: Path) -> Image.Image:
    with Image.open(file) as image:
        return image.resize((round(image.width * HEIGHT / image.height), HEIGHT))


def _page(out: Path, names: Sequence[str], widths: Sequence[int], faults: Mapping[str, str]) -> str:
    parts = [HEAD]
    if faults:
        items = "".join(f"<li>{escape(fault)}" for fault in faults.values())
        parts.append(f"<h2>Could not be shown</h2><ul>{items}</ul>")
    for name in names:
        files = [f"{name}-{width}-{look}.jpg" for look in LOOKS for width in widths]
        pictures = "".join(
            f'<a href="{file}"><img loading="lazy" src="{file}" alt="{file}"></a>'
            for file in files
            if (out / file).exists()
        )
        parts.append(f"<h2>{escape(name)}</h2><div>{pictures}</div>")
    return "\n".join(parts)
