"""The base of the admin pages of all apps: deletions go through the verbs of the domain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

Row = TypeVar("Row", bound=models.Model)


class VerbAdmin(admin.ModelAdmin[Row]):
    """An admin page that deletes single rows and selections through ``remove``.

    Django writes each deletion to the admin's log before it happens, with the text of the row.
    """

    show_full_result_count = False

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
