"""Template loader that strips the white space which only the authors of a template need.

Templates are indented and hold one tag a line, so that they can be read. In the page, that white
space is bytes to send and text to render for each of twenty cards. It is removed once, when a
template is compiled: rendering gets cheaper by it, and pages smaller.
"""

from __future__ import annotations

import re

from django.template.base import Origin
from django.template.loaders import filesystem

# Tags that put nothing into the page that is seen.
_CONTROL_NAMES = (
    "block|comment|csrf_token|elif|else|empty|endblock|endcomment|endfor|endif|endwith|extends|for|if"
    "|load|with"
)
_CONTROL = rf"\{{%\s*(?:{_CONTROL_NAMES})\b(?:(?!%\}}).)*%\}}"
_ASSIGNMENT = r"\{%\s*\w+\b(?:(?!%\}).)*\sas\s+\w+\s*%\}"
_COMMENT = r"\{#(?:(?!#\}).)*#\}"
_SILENT = rf"(?:{_CONTROL}|{_ASSIGNMENT}|{_COMMENT})"
_SILENT_LINE = re.compile(rf"^((?:{_SILENT}[ \t]*)+)\n", re.MULTILINE)
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
# Elements beside which browsers ignore white space. ``form`` is none: in a comment it is inline.
_BLOCK = (
    r"(?:<!doctype|</?(?:article|body|details|div|footer|h1|h2|head|header|html|li|link|main|meta|nav"
    r"|ol|p|script|section|summary|template|title|ul))\b"
)
_BREAK_AFTER_BLOCK = re.compile(rf"({_BLOCK}[^<>]*>{_SILENT}*)\n")
_BREAK_BEFORE_BLOCK = re.compile(rf"\n({_SILENT}*{_BLOCK})")
# Sentences that are found in the catalogs by every one of their characters.
_SENTENCE = re.compile(
    r"\{%\s*blocktrans(?:late)?\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL
)
_HELD = "\0{}\0"


class TrimmingLoader(filesystem.Loader):
    """Django's loader of files, which trims templates whose name ends in ``.html``."""

    def get_contents(self, origin: Origin) -> str:
        """Return the source of ``origin``, trimmed if it is HTML.

        Raises ``TemplateDoesNotExist`` if there is no such file.
        """
        source: str = super().get_contents(origin)
        return trim(source) if str(origin.name).endswith(".html") else source


def trim(source: str) -> str:
    """Return the source of a template without white space that carries no meaning.

    - A line of nothing but control tags, assignments (``{% url … as x %}``) and comments loses
      its line break, and so leaves nothing in the page.
    - Other lines lose their indentation, and their line break where a block element begins or
      ends. Elsewhere a line break stays: between words and inline elements it is a space.
    - The line break at the end of the source disappears: an included fragment is its element and
      nothing else.

    Sentences in ``{% blocktranslate %}`` stay as they are: ``trimmed`` is for them.

    Text inside ``<pre>`` and ``<textarea>`` would change: templates fill these from variables, and
    the values of variables are never touched.
    """
    sentences: list[str] = []

    def hold(found: re.Match[str]) -> str:
        sentences.append(found[0])
        return _HELD.format(len(sentences) - 1)

    source = _SENTENCE.sub(hold, source)
    source = _SILENT_LINE.sub(r"\1", _INDENTATION.sub("", source))
    source = _BREAK_BEFORE_BLOCK.sub(r"\1", _BREAK_AFTER_BLOCK.sub(r"\1", source))
    for number, sentence in enumerate(sentences):
        source = source.replace(_HELD.format(number), sentence)
    return source.removesuffix("\n")
