"""The admin's pages about photos and comments."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import FileResponse, Http404, HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from minigram_site.web.admin import CreatedFilter, VerbAdmin, id_in
from photos import events, hiding, services
from photos.models import KEPT, Comment, Photo


@admin.register(Photo)
class PhotoAdmin(VerbAdmin[Photo]):
    """Photos: look, search, correct caption and description, remove."""

    list_display = (
        "thumbnail",
        "__str__",
        "author",
        "short_caption",
        "likes",
        "comments",
        "published",
    )
    list_display_links = ("thumbnail", "__str__")
    list_filter = (
        "hidden",
        "archived",
        "sensitive",
        "author__is_active",
        "author__is_private",
        CreatedFilter,
    )
    linked_lookups = ("author__id",)
    search_help_text = "Words, @name, or the address, code or number of a photo"
    list_select_related = ("author", "stats")
    list_per_page = 50
    search_fields = ("caption", "author__username")
    ordering = ("-id",)
    fields = (
        "thumbnail",
        "author",
        "caption",
        "alt_text",
        "comments_off",
        "likes",
        "comments",
        "published",
        "width",
        "height",
        "original",
        "hidden",
        "archived",
        "sensitive",
    )
    readonly_fields = (
        "thumbnail",
        "author",
        "likes",
        "comments",
        "published",
        "width",
        "height",
        "original",
        "hidden",
        "archived",
        "sensitive",
    )

    @admin.display(description="photo")
    def thumbnail(self, photo: Photo) -> SafeString:
        """An ``<img>`` of the smallest size, from the admin's own address: private photos too."""
        address = reverse("admin:photos_photo_thumbnail", args=[photo.pk])
        return format_html('<img src="{}" alt="{}" height="80">', address, photo.alt_text)

    @admin.display(description="caption")
    def short_caption(self, photo: Photo) -> str:
        """The beginning of the caption."""
        return photo.caption[:60]

    @admin.display(ordering="stats__like_count", description="likes shown")
    def likes(self, photo: Photo) -> int:
        """How many like it, without suspended people."""
        return photo.stats.like_count

    @admin.display(ordering="stats__comment_count", description="comments shown")
    def comments(self, photo: Photo) -> int:
        """How many comments it has, without those of suspended people."""
        return photo.stats.comment_count

    @admin.display(ordering="id")
    def published(self, photo: Photo) -> Any:
        """When it was published."""
        return photo.created_at

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Photo], search_term: str
    ) -> tuple[QuerySet[Photo], bool]:
        """Find the one photo that an address, code or number names, else photos by their words.

        At most one query more.
        """
        if (identifier := id_in(search_term)) is not None:
            exact = queryset.filter(pk=identifier)
            if exact.exists():
                return exact, False
        return super().get_search_results(request, queryset, search_term)

    def get_urls(self) -> list[URLPattern]:
        """Add the address of thumbnails."""
        view = self.admin_site.admin_view(self.thumbnail_file)
        address = path("<int:photo_id>/thumbnail/", view, name="photos_photo_thumbnail")
        return [address, *super().get_urls()]

    def thumbnail_file(self, request: HttpRequest, photo_id: int) -> FileResponse:
        """Send the smallest size of any photo to staff; tell of a look at what is not for all.

        One query more for photos of others, and those of who is told. Raises ``PermissionDenied``
        for staff who may not view photos, ``Http404`` without a file.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        photo = Photo.objects.select_related("author").filter(pk=photo_id).first()
        if photo is None or not photo.renditions:
            raise Http404
        staff = cast(User, request.user)
        for_all = Photo.objects.visible_to(AnonymousUser()).filter(pk=photo_id)
        if photo.author_id != staff.pk and not for_all.exists():
            events.looked(photo, staff)
        try:
            content = default_storage.open(photo.renditions[0][2])
        except FileNotFoundError:
            raise Http404 from None
        return FileResponse(
            content, content_type="image/webp", headers={"Cache-Control": "private, no-cache"}
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: photos come from uploads only."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: Photo,
        form: ModelForm[Photo],
        change: bool,  # noqa: FBT001
    ) -> None:
        """Change caption and description, and switch comments off, through the verb."""
        services.edit_photo(
            photo=obj,
            caption=obj.caption,
            alt_text=obj.alt_text,
            comments_off=obj.comments_off,
        )

    def remove(self, row: Photo) -> None:
        """Move a photo to the bin; staff find it there, its author does not."""
        hiding.hide_photo(photo=row, purge_at=timezone.now() + KEPT)


@admin.register(Comment)
class CommentAdmin(VerbAdmin[Comment]):
    """Comments: read, search, remove; never edit."""

    list_display = ("__str__", "author", "photo", "written")
    list_select_related = ("author", "photo")
    list_filter = (CreatedFilter,)
    linked_lookups = ("author__id", "photo__id")
    search_fields = ("text", "author__username")
    ordering = ("-id",)
    fields = ("text", "author", "photo", "written")
    readonly_fields = fields

    @admin.display(ordering="id")
    def written(self, comment: Comment) -> Any:
        """When it was written."""
        return comment.created_at

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: comments are written on the site."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        """Refuse: comments are not edited."""
        return False

    def remove(self, row: Comment) -> None:
        """Move a comment to the bin; staff find it there, its author does not."""
        services.delete_comment(comment=row, by_staff=True)
