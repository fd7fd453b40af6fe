"""The base of the admin pages of all apps: deletions go through the verbs of the domain."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeVar

from django.contrib import admin
from django.core.exceptions import BadRequest
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import capfirst, smart_split, unescape_string_literal

from minigram_site.fields.snowflake import MAX_DIGITS, decode, id_at, parse_id
from minigram_site.fields.text import clean_line

Row = TypeVar("Row", bound=models.Model)
# How the columns end that hold names of people, which may be searched for with "@".
NAMES = ("username", "person_name", "moderator_name")


class ListAdmin(admin.ModelAdmin[Row]):
    """An admin page whose list takes what people search and filter for, and no odd request."""

    show_full_result_count = False
    # Conditions beside the filters that links from other pages set: ``"author__id"``.
    linked_lookups: tuple[str, ...] = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow the filters that the list shows, and ``linked_lookups``.

        Django allows every condition on a column of the model, those included that a database
        refuses or that take it long.
        """
        field = lookup.removesuffix("__exact").removesuffix("__isnull")
        shown = [getattr(one, "parameter_name", one) for one in self.list_filter]
        return field in shown or field in self.linked_lookups

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, or act on it. Raises ``BadRequest`` for ids that no database can hold."""
        try:
            return super().changelist_view(request, extra_context)
        except OverflowError:
            raise BadRequest("There is no such id.") from None

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Row | None:
        """Return the row; ``None`` if there is none, as for ids that no database can hold.

        An empty ``from_field`` (``?_to_field=``) is none, which Django looks for.
        """
        try:
            return super().get_object(request, object_id, from_field or None)
        except OverflowError:
            return None

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
                _holding(field, word.removeprefix("@") if field.endswith(NAMES) else word)
                for field in self.get_search_fields(request)
            ]
            queryset = queryset.filter(Q.create(holding, connector=Q.OR))
        return queryset, False


class CreatedFilter(admin.SimpleListFilter):
    """Filters rows by when they were made, which their ids say. No further query."""

    title = "date"
    parameter_name = "made"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices: numbers of days."""
        return [("1", "Last 24 hours"), ("7", "Last 7 days"), ("30", "Last 30 days")]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Any]
    ) -> models.QuerySet[Any]:
        """Keep what was made in the last days; all of it for a value that is no choice."""
        if self.value() not in {"1", "7", "30"}:
            return queryset
        days = timedelta(days=int(str(self.value())))
        return queryset.filter(pk__gte=id_at(timezone.now() - days))


def id_in(text: str, prefix: str = "/p/") -> int | None:
    """Return the id that a text names: a number, a code, or an address with ``/p/<code>/`` in it.

    ``None`` for anything else. A word may be a code by chance.
    """
    _, found, rest = text.strip().partition(prefix)
    word = rest.partition("/")[0] if found else text.strip()
    if len(word) > MAX_DIGITS:
        return None
    if not found and word.isdigit():
        return parse_id(word)
    try:
        return decode(word)
    except ValueError:
        return None


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
