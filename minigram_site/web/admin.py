"""What the admin pages of all apps share: deleting goes through the verbs of the domain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

Row = TypeVar("Row", bound=models.Model)


class VerbAdmin(admin.ModelAdmin[Row]):
    """An admin page that deletes through ``remove``, alone and in bulk, and records it.

    Django records deletions in the admin's log before they happen, with the words of the row.
    """

    show_full_result_count = False

    def remove(self, row: Row) -> None:
        """Delete one row through its verb."""
        raise NotImplementedError

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        """Delete what one person decided on its own page."""
        self.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Row]) -> None:
        """Delete what was ticked in the list."""
        for row in queryset:
            self.remove(row)

    def get_deleted_objects(self, objs: Iterable[Row], request: HttpRequest) -> Any:
        """Return what the confirmation shows: the rows themselves, not all that hangs on them.

        Django would list every like and feed entry, one by one.
        """
        rows = list(objs)
        allowed = all(self.has_delete_permission(request, row) for row in rows)
        lacking = set() if allowed else {str(self.opts.verbose_name)}
        counts = {str(self.opts.verbose_name_plural): len(rows)}
        return [capfirst(str(row)) for row in rows], counts, lacking, []
