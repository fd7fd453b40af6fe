"""The template tag for icons, which are symbols in ``static/minigram_site/icons.svg``."""

from __future__ import annotations

from functools import cache

from django import template
from django.forms.utils import flatatt
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "", css_class: str = "") -> SafeString:
    """Return the ``<svg>`` that shows the symbol ``name``.

    Without a ``label`` the icon is decoration, and hidden from assistive technology. The markup is
    made once per process and combination of arguments, static file name included: a feed page shows
    forty icons.
    """
    return _drawn(name, str(label), css_class)


@cache
def _drawn(name: str, label: str, css_class: str) -> SafeString:
    meaning = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    return format_html(
        '<svg{}><use href="{}#{}"></use></svg>',
        flatatt({"class": css_class or None, **meaning}),
        static("minigram_site/icons.svg"),
        name,
    )
