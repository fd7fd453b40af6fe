"""The admin's pages of the doors: the site's settings, invitations, who waits to come in."""

from __future__ import annotations

from copy import copy
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.doors import admissions, invitations, site
from accounts.doors.site_pages import TITLES
from accounts.models import Admission, FormerName, Invitation, SiteSettings, User
from accounts.provider import client
from accounts.provider.forms import PROVIDER_FIELDS, PROVIDER_FIELDSET, ProviderForm
from minigram_site.fields.text import clean, clean_line
from minigram_site.storage.errors import StorageUnavailable
from minigram_site.web.admin import ListAdmin


class SiteForm(ProviderForm):
    """The site's settings."""

    class Meta:
        model = SiteSettings
        fields = (
            *("sign_up", "question", "members_may_invite", "invited_skip_approval"),
            *("email_check", "sign_ups_an_hour", "staff_second_factor", "members_only"),
            *("deletion_days", "import_gigabytes", "api_origins", "reserved_names"),
            *(*TITLES, *PROVIDER_FIELDS),
        )

    def clean(self) -> dict[str, Any]:
        """Return the values, texts cleaned as all that people type."""
        values = super().clean() or {}
        for name in (*TITLES, "api_origins", "reserved_names"):
            values[name] = clean(values.get(name) or "")
        values["question"] = clean_line(values.get("question") or "")
        return values


@admin.register(SiteSettings)
class SiteAdmin(admin.ModelAdmin[SiteSettings]):
    """The one page of settings, which is in force everywhere once it is saved."""

    form = SiteForm
    fieldsets = (
        (
            "Who may sign up",
            {"fields": ("sign_up", "question", "members_may_invite", "invited_skip_approval")},
        ),
        ("Limits and addresses", {"fields": ("email_check", "sign_ups_an_hour")}),
        ("Who may use this admin", {"fields": ("staff_second_factor",)}),
        PROVIDER_FIELDSET,
        ("Who may look", {"fields": ("members_only",)}),
        ("Who leaves", {"fields": ("deletion_days",)}),
        ("What members bring along", {"fields": ("import_gigabytes",)}),
        ("Names", {"fields": ("reserved_names",)}),
        ("API", {"fields": ("api_origins",)}),
        (
            "Pages",
            {
                "fields": tuple(TITLES),
                "description": "Linked at the foot of all pages, as far as they have a text, and "
                "open to everybody, on a site for members only as well.",
            },
        ),
    )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the one page there is."""
        return redirect("admin:accounts_sitesettings_change", "1")

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> SiteSettings | None:
        """Return the row, or what rules while nobody has saved one. One query."""
        if object_id != "1":
            return None
        return SiteSettings.objects.filter(pk=1).first() or copy(site.read())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: there is one page."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SiteSettings | None = None) -> bool:
        """Refuse: there is one page."""
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save the page; say so where the pictures cannot be taken off the site."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except StorageUnavailable:
            sentence = "Public pictures cannot be withdrawn at the moment. Nothing was changed."
            self.message_user(request, sentence, messages.ERROR)
            return redirect(request.path)

    def save_model(
        self,
        request: HttpRequest,
        obj: SiteSettings,
        form: ModelForm[SiteSettings],
        change: bool,  # noqa: FBT001
    ) -> None:
        """Save through the verb, which returns when every process goes by it.

        A provider that does not answer is told of: it may do so later.
        """
        site.change(obj)
        if "provider_issuer" in form.changed_data and (fault := client.fault_of(obj)):
            self.message_user(
                request, f"The provider cannot be used yet. {fault}", messages.WARNING
            )


class AdmissionStateFilter(admin.SimpleListFilter):
    """Which admissions are shown: those that wait for a decision, unless others are asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices beside the first."""
        others = [choice for choice in Admission.State.choices if choice[0] != "waiting"]
        return [*((str(value), str(label)) for value, label in others), ("all", "all")]

    def choices(self, changelist: Any) -> Any:
        """Yield the choices; the first is called for what it shows."""
        first, *others = super().choices(changelist)
        return [{**first, "display": "waits for approval"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Admission]) -> QuerySet[Admission]:
        """Keep the admissions in the state."""
        if self.value() == "all":
            return queryset
        known = self.value() in Admission.State.values
        return queryset.filter(state=self.value() if known else Admission.State.WAITING)


@admin.register(Admission)
class AdmissionAdmin(ListAdmin[Admission]):
    """The queue of those who ask to come in, and how everybody else came."""

    list_display = ("user", "email", "answer", "inviter", "state", "asked", "decided_by")
    list_filter = (AdmissionStateFilter,)
    list_select_related = ("user", "inviter", "decided_by")
    search_fields = ("user__username", "user__email", "inviter__username")
    ordering = ("pk",)
    actions = ("approve", "refuse")
    fields = (
        *("user", "email", "asked", "state", "question", "answer", "invitation", "inviter"),
        *("decided_by", "decided_at", "reason"),
    )
    linked_lookups = ("inviter__id", "invitation__id")

    @admin.display(ordering="user__email", description="e-mail")
    def email(self, admission: Admission) -> str:
        """Where they get mail, or will once they have confirmed it."""
        return admission.user.email

    @admin.display(ordering="pk")
    def asked(self, admission: Admission) -> Any:
        """When they signed up."""
        return admission.user.date_joined

    def get_readonly_fields(self, request: HttpRequest, obj: Admission | None = None) -> Any:
        """Let the reason be written while there is something to decide."""
        waits = obj is not None and obj.state == Admission.State.WAITING
        return tuple(name for name in self.fields if name != "reason" or not waits)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: people sign up on the site."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Admission | None = None) -> bool:
        """Refuse: it goes with the account, which has a page of its own."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: Admission,
        form: ModelForm[Admission],
        change: bool,  # noqa: FBT001
    ) -> None:
        """Write the reason alone: a decision may have been made since."""
        obj.save(update_fields=form.changed_data)

    @admin.action(description="Approve: they are in, and get a mail", permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Admission]) -> None:
        """Let the people in who were ticked."""
        self._decide(request, queryset, "Approved", admissions.approve)

    @admin.action(description="Refuse: they get a mail with the reason", permissions=["change"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[Admission]) -> None:
        """Refuse the people who were ticked; the reason is what was saved on their page."""

        def refuse(*, admission: Admission, by: User) -> None:
            admissions.refuse(admission=admission, by=by, reason=admission.reason)

        self._decide(request, queryset, "Refused", refuse)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Admission], word: str, decide: Any
    ) -> None:
        done = 0
        for admission in queryset.select_related("user"):
            try:
                decide(admission=admission, by=request.user)
            except admissions.CannotDecide as error:
                self.message_user(request, f"{admission.user}: {error}", messages.ERROR)
                continue
            self.log_change(request, admission, f"{word}.")
            done += 1
        self.message_user(request, f"{word}: {done}.")


@admin.register(Invitation)
class InvitationAdmin(ListAdmin[Invitation]):
    """All invitations: who made them, who came; and making one without limits of members."""

    list_display = ("note_or_code", "inviter", "uses", "max_uses", "expires_at", "is_revoked")
    list_filter = ("is_revoked",)
    list_select_related = ("inviter",)
    search_fields = ("inviter__username", "note", "code")
    ordering = ("-id",)
    actions = ("withdraw",)
    fields = ("note", "max_uses", "expires_at", "inviter", "uses", "is_revoked", "link", "came")
    readonly_fields = ("inviter", "uses", "is_revoked", "link", "came")

    @admin.display(description="invitation")
    def note_or_code(self, invitation: Invitation) -> str:
        """What it is known by."""
        return invitation.note or invitation.code

    @admin.display
    def link(self, invitation: Invitation) -> str:
        """The address to be sent to people."""
        if not invitation.code:
            return "There is one once this is saved."
        return settings.SITE_URL + reverse("accounts:invited", args=[invitation.code])

    @admin.display(description="who came")
    def came(self, invitation: Invitation) -> SafeString | str:
        """The list of those who signed up with it."""
        if not invitation.code:
            return "-"
        address = reverse("admin:accounts_admission_changelist")
        query = f"?state=all&invitation__id={invitation.pk}"
        return format_html('<a href="{}">{}</a>', address + query, "See them")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what a new one begins with: a week."""
        return {"expires_at": timezone.now() + timedelta(days=7)}

    def has_delete_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        """Refuse: it says who came by whom. Withdraw it."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: Invitation,
        form: ModelForm[Invitation],
        change: bool,  # noqa: FBT001
    ) -> None:
        """Give a new one its code and its maker; write the changed columns only."""
        if change:
            obj.save(update_fields=form.changed_data)
            return
        assert isinstance(request.user, User)  # noqa: S101 - the admin is for members alone
        obj.inviter, obj.code = request.user, invitations.new_code()
        obj.save()

    @admin.action(description="Withdraw: nobody can use it", permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Withdraw the invitations that were ticked."""
        for invitation in queryset.filter(is_revoked=False):
            self.log_change(request, invitation, "Withdrawn.")
        done = queryset.filter(is_revoked=False).update(is_revoked=True)
        self.message_user(request, f"Withdrawn: {done}.")


@admin.register(FormerName)
class FormerNameAdmin(ListAdmin[FormerName]):
    """Names that are reserved for those who had them; deleting one sets it free."""

    list_display = ("username", "user", "ends_at")
    list_select_related = ("user",)
    search_fields = ("username", "user__username")
    ordering = ("-ends_at",)
    fields = readonly_fields = ("username", "user", "ends_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: they come of changes of a name."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: FormerName | None = None) -> bool:
        """Refuse: there is nothing to change."""
        return False
