"""The admin's pages about albums and share links: lists to look at; links can be revoked."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from minigram_site.web.admin import CreatedFilter, ListAdmin, VerbAdmin
from social.albums import links
from social.albums.models import Album, ShareLink


@admin.register(Album)
class AlbumAdmin(ListAdmin[Album]):
    """Albums: read and search; people make and delete them on the site."""

    list_display = ("title", "owner", "visibility", "made", "deleted")
    list_select_related = ("owner",)
    list_filter = (CreatedFilter, "visibility")
    linked_lookups = ("owner__id",)
    search_fields = ("title", "owner__username")
    ordering = ("-id",)
    fields = ("title", "text", "owner", "visibility", "made", "deleted")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Album]:
        """Return all albums, those in the bin of their owners included."""
        return Album.with_deleted.order_by(*self.ordering)

    @admin.display(ordering="id")
    def made(self, album: Album) -> Any:
        """When it was made."""
        return album.created_at

    @admin.display(ordering="bin_id")
    def deleted(self, album: Album) -> Any:
        """When its owner deleted it; nobody but them can bring it back."""
        return album.deleted_at

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: albums are made on the site."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Album | None = None) -> bool:
        """Refuse: albums are changed by their owners."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Album | None = None) -> bool:
        """Refuse: what is wrong with an album is a photo in it, which moderators can hide."""
        return False


@admin.register(ShareLink)
class ShareLinkAdmin(VerbAdmin[ShareLink]):
    """Share links: whose they are, what they lead to and until when; never their address."""

    list_display = ("__str__", "sharer", "made", "ends_at", "has_password")
    list_select_related = ("sharer",)
    list_filter = (CreatedFilter,)
    linked_lookups = ("sharer__id",)
    search_fields = ("sharer__username",)
    ordering = ("-id",)
    fields = ("sharer", "made", "ends_at", "has_password")
    readonly_fields = fields

    @admin.display(ordering="id")
    def made(self, link: ShareLink) -> Any:
        """When it was made."""
        return link.created_at

    @admin.display(boolean=True)
    def has_password(self, link: ShareLink) -> bool:
        """Whether a password has to be typed."""
        return bool(link.password)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: links are made on the site."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ShareLink | None = None) -> bool:
        """Refuse: a link has nothing to change."""
        return False

    def remove(self, row: ShareLink) -> None:
        """Revoke a link."""
        links.revoke(sharer=row.sharer, link_id=row.pk)
