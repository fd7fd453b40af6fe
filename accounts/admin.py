"""Forms and parts of the admin's pages about people; ``social.admin`` puts them together.

Deleting a person touches photos and follows, so the page itself is in the highest layer.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AdminUserCreationForm,
    UserChangeForm,
)
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from accounts import account_cache, services
from accounts.doors import admissions, names
from accounts.doors.admin import AdmissionAdmin, FormerNameAdmin, InvitationAdmin, SiteAdmin
from accounts.factors.service import factors_of, remove_all
from accounts.models import Departure, User, UserStats
from accounts.people import read_words
from minigram_site.web.admin import CreatedFilter, ListAdmin

__all__ = [
    "AdmissionAdmin",
    "FormerNameAdmin",
    "GroupAdmin",
    "InvitationAdmin",
    "PeopleAdmin",
    "SiteAdmin",
]

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ListAdmin[Group], DjangoGroupAdmin):
    """Groups of rights, as Django shows them."""


class LowerCase:
    """A form that keeps names and e-mail addresses in lower case."""

    cleaned_data: dict[str, Any]
    instance: User

    def clean_username(self) -> str:
        """Return the name in lower case. Raises ``ValidationError`` for one that is held."""
        name = str(self.cleaned_data["username"]).lower()
        names.refuse_held(name, but=self.instance.pk)
        return name

    def clean_email(self) -> str:
        """Return the address in lower case."""
        return str(self.cleaned_data["email"]).lower()


class NewUserForm(LowerCase, AdminUserCreationForm[User]):
    """Add a person."""

    class Meta:
        model = User
        fields = ("username", "email")


class UserForm(LowerCase, UserChangeForm[User]):
    """Change what an admin may change of a person."""

    class Meta:
        model = User
        # The page adds its own; only these are special.
        fields = ("username", "email", "password")


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # not generic at runtime
    """Set a person's password, or take it away; either logs them out everywhere."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        """Change the password through the verb."""
        usable = self.cleaned_data["set_usable_password"]
        password = self.cleaned_data["password1"] if usable else None
        user: User = self.user
        services.change_password(user=user, password=password)
        return user

    @property
    def changed_data(self) -> list[str]:
        """Name the password in the admin's log, also where it was taken away."""
        return ["password"]


class PeopleAdmin(UserAdmin[User]):
    """The admin's page about people, as far as this app knows them."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = PasswordForm
    actions = ("suspend", "restore", "remove_factors")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    show_full_result_count = False
    list_display = (
        "username",
        "email",
        "display_name",
        "is_active",
        "is_private",
        "is_staff",
        "photos",
        "followers",
        "following",
        "joined",
    )
    list_filter = ("is_active", "is_limited", "is_private", "is_staff", CreatedFilter)
    list_select_related = ("stats",)
    search_fields = ("username", "email", "display_name")
    ordering = ("-id",)
    # ``links`` is of the page itself, which knows what is theirs in other apps.
    readonly_fields = (
        *("is_active", "is_limited", "is_private", "noindex", "joined", "last_login", "links"),
        *("second_factors", "deletion"),
    )
    fieldsets = (
        (None, {"fields": ("username", "email", "password")}),
        ("Profile", {"fields": ("display_name", "bio", "website")}),
        (
            "State",
            {
                "fields": (
                    *("is_active", "is_limited", "is_private", "noindex", "joined", "last_login"),
                    *("second_factors", "deletion"),
                )
            },
        ),
        ("Theirs", {"fields": ("links",)}),
        ("Rights", {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("username", "email", "usable_password", "password1", "password2")},
        ),
    )

    @admin.display(ordering="stats__photo_count")
    def photos(self, user: User) -> int:
        """How many photos they have."""
        return user.stats.photo_count

    @admin.display(ordering="stats__follower_count", description="followers shown")
    def followers(self, user: User) -> int:
        """How many follow them, without suspended people."""
        return user.stats.follower_count

    @admin.display(ordering="stats__following_count", description="following shown")
    def following(self, user: User) -> int:
        """How many they follow, without suspended people."""
        return user.stats.following_count

    @admin.display(ordering="id")
    def joined(self, user: User) -> Any:
        """When the account was made."""
        return user.date_joined

    @admin.display
    def second_factors(self, user: User) -> str:
        """What is asked for at the log-in beside the password. Three queries."""
        held = factors_of(user)
        app = ["an authenticator app"] if held.has_app else []
        return ", ".join([*app, *(f"passkey “{key.name}”" for key in held.passkeys)]) or "none"

    @admin.display
    def deletion(self, user: User) -> str:
        """When the account is deleted, if its owner has asked for that. One query."""
        departure = Departure.objects.filter(user=user).first()
        if departure is None:
            return "not asked for"
        if departure.is_suspended:
            return "asked for; waits for the end of the suspension"
        return f"on {departure.leaves_at:%-d %B %Y, %H:%M} UTC, unless they log in before"

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Leave rights to superusers: who may edit people must not make themselves one."""
        fields = super().get_readonly_fields(request, obj)
        if request.user.is_superuser:
            return fields
        return (*fields, "is_staff", "is_superuser", "groups", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Keep superusers and staff, their passwords and addresses, out of the reach of others."""
        return super().has_change_permission(request, obj) and _within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse to let admins delete themselves, and others delete superusers and staff."""
        allowed = super().has_delete_permission(request, obj) and _within_reach(request, obj)
        return allowed and (obj is None or obj.pk != request.user.pk)

    @transaction.atomic
    def save_model(
        self,
        request: HttpRequest,
        obj: User,
        form: ModelForm[User],
        change: bool,  # noqa: FBT001
    ) -> None:
        """Write the changed columns only: other requests may have written the rest since."""
        if not change:
            obj.save()
            UserStats.objects.create(user=obj)
            return
        columns = {field.name for field in User._meta.concrete_fields}
        changed = columns.intersection(form.changed_data)
        if "username" in changed:
            # The form has validated it; the verb keeps the former name for the person.
            changed.remove("username")
            names.rename(user=obj, username=obj.username, is_limited=False)
        if "bio" in changed:
            obj.bio_entities = read_words(obj.bio, obj).entities
            changed.add("bio_entities")
        obj.save(update_fields=changed)
        account_cache.invalidate_account(obj.pk)

    def suspend_person(self, request: HttpRequest, user: User) -> None:
        """Suspend one person who was ticked."""
        services.suspend(user=user)

    def restore_person(self, request: HttpRequest, user: User) -> None:
        """Restore one person who was ticked."""
        services.restore(user=user)

    @admin.action(description="Suspend: hide, and log out everywhere", permissions=["change"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Suspend the people who were ticked, never oneself."""
        done = 0
        for user in queryset.filter(pk__in=User.objects.admitted()):
            if user.pk == request.user.pk or not _within_reach(request, user):
                self.message_user(request, f"{user} cannot be suspended by you.", messages.ERROR)
                continue
            self.suspend_person(request, user)
            self.log_change(request, user, "Suspended: hidden and logged out everywhere.")
            done += 1
        self.message_user(request, f"Suspended: {done}.")

    @admin.action(description="Restore from suspension", permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Restore the people who were ticked."""
        done = 0
        for user in queryset.filter(is_active=False):
            if not _within_reach(request, user):
                self.message_user(request, f"{user} cannot be restored by you.", messages.ERROR)
                continue
            if admissions.admission_of(user):
                sentence = f"{user} has not come in yet: see the admissions."
                self.message_user(request, sentence, messages.ERROR)
                continue
            if Departure.objects.open_to_return().filter(user=user):
                sentence = f"{user} wants to be deleted: only they come back, by logging in."
                self.message_user(request, sentence, messages.ERROR)
                continue
            self.restore_person(request, user)
            self.log_change(request, user, "Restored: visible again, and may log in.")
            done += 1
        self.message_user(request, f"Restored: {done}.")

    @admin.action(
        description="Remove second factors: the password alone logs in", permissions=["change"]
    )
    def remove_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Take the factors from the people who were ticked, who have lost them."""
        done = 0
        for user in queryset:
            if not _within_reach(request, user):
                self.message_user(request, f"{user} cannot be changed by you.", messages.ERROR)
                continue
            if remove_all(user):
                self.log_change(request, user, "Second factors removed.")
                done += 1
        self.message_user(request, f"Removed: {done}.")


def _within_reach(request: HttpRequest, user: User | None) -> bool:
    """Return whether the caller may change this person: only superusers change who has rights.

    Whoever sets a password or an e-mail address can log in as that person, with their rights.
    """
    powerful = user is not None and (user.is_staff or user.is_superuser)
    return bool(request.user.is_superuser) or not powerful
