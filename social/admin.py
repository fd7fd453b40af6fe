"""The admin's pages about people and follows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin import PeopleAdmin
from accounts.models import Follow, User
from minigram_site.fields.snowflake import moment_of
from minigram_site.web.admin import VerbAdmin
from social import follows, profiles


@admin.register(User)
class UserAdmin(PeopleAdmin, VerbAdmin[User]):
    """People: search, suspend, restore, delete with all that is theirs."""

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
