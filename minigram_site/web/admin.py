"""The base of the admin pages of all apps: deletions go through the verbs of the domain."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib import admin
from django.core.exceptions import BadRequest
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst, smart_split, unescape_string_literal

from minigram_site.fields.text import clean_line

Row = TypeVar("Row", bound=models.Model)


class ListAdmin(admin.ModelAdmin[Row]):
    """An admin page whose list takes what people search and filter for, and no odd request."""

    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow the filters that the list shows.

        Django allows every condition on a column of the model, those included that a database
        refuses or that take it long.
        """
        field = lookup.removesuffix("__exact").removesuffix("__isnull")
        return field in self.list_filter

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, or act on it. Raises ``BadRequest`` for ids that no database can hold."""
        try:
            return super().changelist_view(request, extra_context)
        except OverflowError:
            raise BadRequest("There is no such id.") from None

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Row], search_term: str
    ) -> tuple[models.QuerySet[Row], bool]:
        """Return the rows that have every word in one of ``search_fields``; there are none twice.

        Names may be written with "@", and words in quotation marks belong together.
        """
        for word in smart_split(clean_line(search_term)):
            if word[0] in "\"'" and word[0] == word[-1]:
                word = unescape_string_literal(word)  # noqa: PLW2901
            holding: list[Any] = [
                _holding(field, word.removeprefix("@") if field.endswith("username") else word)
                for field in self.get_search_fields(request)
            ]
            queryset = queryset.filter(Q.create(holding, connector=Q.OR))
        return queryset, False


class VerbAdmin(ListAdmin[Row]):
    """An admin page that deletes single rows and selections through ``remove``.

    Django writes each deletion to the admin's log before it happens, with the text of the row.
    """

    def remove(self, row: Row) -> None:
        """Delete one row through its verb. Subclasses define it: ``NotImplementedError`` here."""
        raise NotImplementedError

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        """Delete ``obj`` from its own page."""
        self.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Row]) -> None:
        """Delete the rows that were selected in the list, one verb each."""
        for row in queryset:
            self.remove(row)

    def get_deleted_objects(self, objs: Iterable[Row], request: HttpRequest) -> Any:
        """Return what the confirmation shows: the rows, without those that cascade from them.

        Django would list every like and feed entry of a photo. A tuple as Django's method returns
        it: texts, counts by model, models that may not be deleted, protected rows.
        """
        rows = list(objs)
        allowed = all(self.has_delete_permission(request, row) for row in rows)
        forbidden = set() if allowed else {str(self.opts.verbose_name)}
        counts = {str(self.opts.verbose_name_plural): len(rows)}
        return [capfirst(str(row)) for row in rows], counts, forbidden, []


def _holding(field: Any, word: str) -> Q:
    """Return the condition that ``field`` holds ``word`` in any case, alike on both databases.

    For other letters than those of ASCII, SQLite's LIKE and PostgreSQL's under some locales know
    only one case.
    """
    if word.isascii():
        return Q((f"{field}__icontains", word))
    return Q((f"{field}__regex", "".join(map(_in_any_case, word))))


def _in_any_case(character: str) -> str:
    """Return a regular expression, which Python and PostgreSQL read alike, for a character."""
    forms = {character, character.lower(), character.upper(), character.casefold()}
    return f"(?:{'|'.join(re.escape(form) for form in sorted(forms))})"
