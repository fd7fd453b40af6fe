"""The admin's lists of the bin: what was deleted or hidden, by whom, and until when it is kept."""

from __future__ import annotations

import contextlib
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from minigram_site.web.admin import CreatedFilter, VerbAdmin, id_in
from photos.bin.comments import forget_comment
from photos.conversation.threads import CommentGone
from photos.models import DeletedComment, Removal
from photos.services import PhotoGone
from social.moderation import evidence


@admin.register(Removal)
class RemovalAdmin(VerbAdmin[Removal]):
    """Recently deleted: look, bring back what staff have deleted, delete for good."""

    list_display = ("picture", "photo", "owner", "by", "deleted", "purge_at", "final")
    list_display_links = ("photo",)
    list_filter = ("by", "final", CreatedFilter)
    list_select_related = ("photo", "owner")
    list_per_page = 50
    search_fields = ("owner__username",)
    search_help_text = "@name, or the address, code or number of a photo"
    ordering = ("-id",)
    fields = ("picture", "photo", "owner", "by", "deleted", "purge_at", "final")
    readonly_fields = fields
    actions = ("bring_back",)

    @admin.display(description="picture")
    def picture(self, removal: Removal) -> SafeString:
        """An ``<img>`` of the smallest size, from the admin's own address."""
        address = reverse("admin:photos_photo_thumbnail", args=[removal.photo_id])
        return format_html('<img src="{}" alt="{}" height="80">', address, removal.photo.alt_text)

    @admin.display(ordering="id")
    def deleted(self, removal: Removal) -> Any:
        """When it was deleted or hidden."""
        return removal.created_at

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Removal], search_term: str
    ) -> tuple[QuerySet[Removal], bool]:
        """Find what a photo's address, code or number names, else by the name of its author."""
        if (identifier := id_in(search_term)) is not None:
            exact = queryset.filter(photo=identifier)
            if exact.exists():
                return exact, False
        return super().get_search_results(request, queryset, search_term)

    @admin.action(description="Bring back what staff have deleted", permissions=["delete"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet[Removal]) -> None:
        """Show the photos again; say of each that stays why it does."""
        for removal in queryset.select_related("photo"):
            try:
                evidence.show_again(removal=removal)
            except evidence.CannotShow as error:
                messages.error(request, f"{removal.photo}: {error}")
            else:
                messages.success(request, f"{removal.photo} is back where it was.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: photos are deleted where they are shown."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Removal | None = None) -> bool:
        """Refuse: the time in the bin is one for all."""
        return False

    def remove(self, row: Removal) -> None:
        """Delete a photo for good unless a case about it waits; then it goes with the case."""
        with contextlib.suppress(PhotoGone):
            evidence.delete_now(removal=row)


@admin.register(DeletedComment)
class DeletedCommentAdmin(VerbAdmin[DeletedComment]):
    """Comments that staff have deleted: look, bring back, delete for good.

    What people have deleted themselves is theirs alone and not listed.
    """

    list_display = ("__str__", "author", "photo", "deleted", "purge_at")
    list_filter = (CreatedFilter,)
    list_select_related = ("author", "photo")
    list_per_page = 50
    search_fields = ("text", "author__username")
    ordering = ("-id",)
    fields = ("text", "author", "photo", "deleted", "purge_at")
    readonly_fields = fields
    actions = ("bring_back",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeletedComment]:
        """Return what staff have deleted."""
        return DeletedComment.objects.deleted_by_staff().order_by(*self.ordering)

    @admin.display(ordering="id")
    def deleted(self, deleted: DeletedComment) -> Any:
        """When it was deleted."""
        return deleted.created_at

    @admin.display(description="purge at")
    def purge_at(self, deleted: DeletedComment) -> Any:
        """When it is gone for good."""
        return deleted.purge_at

    @admin.action(description="Bring back", permissions=["delete"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet[DeletedComment]) -> None:
        """Write the comments again at their places; say of each that stays why it does."""
        for deleted in queryset:
            try:
                evidence.show_comment_again(deleted=deleted)
            except (evidence.CannotShow, CommentGone) as error:
                messages.error(request, f"“{deleted}”: {error}")
            else:
                messages.success(request, f"“{deleted}” is back where it was.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: comments are deleted where they are shown."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: DeletedComment | None = None
    ) -> bool:
        """Refuse: the time in the bin is one for all."""
        return False

    def remove(self, row: DeletedComment) -> None:
        """Forget the words of a comment."""
        with contextlib.suppress(CommentGone):
            forget_comment(deleted=row)
