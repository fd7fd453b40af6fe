"""The template filter that says whether a caption is folded up in a list."""

from __future__ import annotations

from django import template

register = template.Library()

# About two lines of a phone, and of a desktop's column.
TWO_NARROW_LINES = 80
TWO_WIDE_LINES = 170


@register.filter
def fold_class(caption: str) -> str:
    """Return ``folds`` for a caption of more than two lines on a phone, ``folds long`` everywhere.

    ``""`` for one that is shown whole.
    """
    if len(caption) > TWO_WIDE_LINES or caption.count("\n") > 1:
        return "folds long"
    return "folds" if len(caption) > TWO_NARROW_LINES else ""
