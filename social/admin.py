"""The admin's pages about people and follows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.admin import PeopleAdmin
from accounts.models import Follow, User
from minigram_site.fields.snowflake import moment_of
from minigram_site.web.admin import VerbAdmin
from social import follows, profiles
from social.albums.admin import AlbumAdmin, ShareLinkAdmin
from social.moderation import deciding
from social.moderation.desk import facts
from social.moderation.desk.admin import CaseAdmin, LogAdmin
from social.moderation.desk.bin_admin import DeletedCommentAdmin, RemovalAdmin

__all__ = [
    "AlbumAdmin",
    "CaseAdmin",
    "DeletedCommentAdmin",
    "FollowAdmin",
    "LogAdmin",
    "RemovalAdmin",
    "ShareLinkAdmin",
    "UserAdmin",
]

admin.site.site_header = admin.site.site_title = f"Administration of {settings.SITE_NAME}"
IN_THE_LIST = "Suspended by an administrator."


@admin.register(User)
class UserAdmin(PeopleAdmin, VerbAdmin[User]):
    """People: search, suspend, restore, delete with all that is theirs."""

    @admin.display(description="see")
    def links(self, user: User) -> SafeString:
        """Links to the lists of what is theirs."""
        lists: dict[str, tuple[str, dict[str, object]]] = {
            "photos": ("photos_photo", {"author__id": user.pk}),
            "comments": ("photos_comment", {"author__id": user.pk}),
            "albums": ("social_album", {"owner__id": user.pk}),
            "share links": ("social_sharelink", {"sharer__id": user.pk}),
            "whom they invited": (
                "accounts_admission",
                {"inviter__id": user.pk, "state": "all"},
            ),
            "cases about them": ("social_moderationcase", {"person__id": user.pk, "state": "all"}),
            "cases that they reported": (
                "social_moderationcase",
                {"reports__reporter__id": user.pk, "state": "all"},
            ),
        }
        rows = (
            (reverse(f"admin:{name}_changelist") + "?" + urlencode(query), words)
            for words, (name, query) in lists.items()
        )
        return format_html_join(" · ", '<a href="{}">{}</a>', rows)

    def suspend_person(self, request: HttpRequest, user: User) -> None:
        """Suspend one person, as a decision that stands in the moderation log."""
        deciding.suspend(user=user, moderator=facts.moderator(request), reason=IN_THE_LIST)

    def restore_person(self, request: HttpRequest, user: User) -> None:
        """Restore one person; decisions to suspend them do not stand any more."""
        deciding.restore(user=user, moderator=facts.moderator(request))

    def remove(self, row: User) -> None:
        """Delete an account with photos, files, likes, comments and follows."""
        profiles.delete_account(user=row)


@admin.register(Follow)
class FollowAdmin(VerbAdmin[Follow]):
    """Follows: look and end them."""

    list_display = ("follower", "followee", "since")
    list_display_links = ("since",)
    list_select_related = ("follower", "followee")
    search_fields = ("follower__username", "followee__username")
    ordering = ("-id",)
    fields = ("follower", "followee", "since")
    readonly_fields = fields

    @admin.display(ordering="id")
    def since(self, follow: Follow) -> Any:
        """When the follow began."""
        return moment_of(follow.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: people follow each other on the site."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Follow | None = None) -> bool:
        """Refuse: a follow has nothing to change."""
        return False

    def remove(self, row: Follow) -> None:
        """End a follow; counters and the follower's feed change with it."""
        follows.unfollow(follower=row.follower, followee=row.followee)
