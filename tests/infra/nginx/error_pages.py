"""The HTML pages that nginx answers with by itself.

``python -m tests.infra.nginx.error_pages`` writes them to ``infra/nginx/errors``. They are made
from the shell of the site's own error pages. The sentence of each is the one in the JSON file
beside it, which is what programs get.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.template import Context, Engine
from django.utils import translation
from django.utils.safestring import SafeString

from minigram_site.languages import LANGUAGE_CODE

PROJECT = Path(__file__).parents[3]
FOLDER = PROJECT / "infra/nginx/errors"
HEADINGS = {
    400: "Not understood",
    403: "You can’t see this page",
    404: "Nothing here",
    405: "That doesn’t work here",
    412: "This has changed",
    413: "Too large",
    414: "That address is too long",
    416: "No such part",
    431: "Too many cookies",
    501: "Not understood",
    503: "Back in a moment",
    504: "That took too long",
    505: "Not understood",
    507: "Pictures can’t be saved",
}


def page(status: int) -> str:
    """Return the page for ``status``, indented as its templates are.

    Raises ``KeyError`` if nginx has no page for that status.
    """
    # Django's own loader, not the site's: these files are read by people as well.
    options: Any = settings.TEMPLATES[0]["OPTIONS"]
    libraries = options["libraries"]
    engine = Engine(
        dirs=[str(PROJECT / "templates")],
        libraries={**libraries, "static": "django.templatetags.static"},
    )
    context = {"status": str(status), "heading": HEADINGS[status], "detail": sentence(status)}
    with translation.override(LANGUAGE_CODE):
        rendered = engine.get_template("errors/_front.html").render(Context(context))
    return "".join(f"{line}\n" for line in rendered.splitlines() if line.strip())


def sentence(status: int) -> SafeString:
    """Return what the JSON file for ``status`` says, with nginx's directives as they stand there.

    The file is no JSON yet: nginx fills in the values when it answers.
    """
    text = (FOLDER / f"{status}.json").read_text()
    return SafeString(text.partition('"detail":"')[2].rpartition('"}')[0])


def main() -> None:
    """Write all pages."""
    django.setup()
    for status in HEADINGS:
        (FOLDER / f"{status}.html").write_text(page(status))


if __name__ == "__main__":
    main()
