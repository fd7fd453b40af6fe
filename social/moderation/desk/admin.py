"""The admin's pages: the queue of cases, one case, and the log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
)
from django.shortcuts import redirect, render
from django.urls import URLPattern, path

from minigram_site.fields.snowflake import parse_id
from minigram_site.web.admin import CreatedFilter, ListAdmin, id_in
from social.moderation import deciding, log, reports
from social.moderation.deciding import CannotDecide
from social.moderation.desk import dashboard, facts
from social.moderation.forms import DecisionForm
from social.moderation.models import Decision, ModerationCase, ModerationLogEntry, Reason, Report

WAITING = (ModerationCase.State.OPEN, ModerationCase.State.APPEALED)


class StateFilter(admin.SimpleListFilter):
    """Which cases are shown: those that wait, unless something else is asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices beside the first."""
        return [("appealed", "Appealed"), ("decided", "Decided"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Yield the choices; the first is called for what it shows."""
        first, *others = super().choices(changelist)
        return [{**first, "display": "Waiting"}, *others]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ModerationCase]
    ) -> QuerySet[ModerationCase]:
        """Keep the cases in the state."""
        if self.value() == "all":
            return queryset
        if self.value() in {"appealed", "decided"}:
            return queryset.filter(state=self.value())
        return queryset.filter(state__in=WAITING)


class ReasonFilter(admin.SimpleListFilter):
    """Which cases are shown: those with a report for this reason."""

    title = "reason"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return all reasons."""
        return [(reason.value, str(reason.label)) for reason in Reason]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ModerationCase]
    ) -> QuerySet[ModerationCase]:
        """Keep the cases with such a report; all for a value that is no reason."""
        if self.value() not in Reason.values:
            return queryset
        reports = Report.objects.filter(case=OuterRef("pk"), reason=self.value())
        return queryset.filter(Exists(reports))


@admin.register(ModerationCase)
class CaseAdmin(ListAdmin[ModerationCase]):
    """The queue: reported things, each with its reports on one page."""

    list_display = ("__str__", "words", "reports", "latest_reason", "state", "reported")
    list_filter = (StateFilter, ReasonFilter, "kind", CreatedFilter)
    search_fields = ("person_name",)
    search_help_text = "@name, or the address, code or number of a photo, or the id of a comment"
    ordering = ("-id",)
    list_per_page = 50
    linked_lookups = ("person__id", "reports__reporter__id")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModerationCase]:
        """Return the cases with the number of their reports and the latest reason."""
        latest = Report.objects.filter(case=OuterRef("pk")).order_by("-pk").values("reason")[:1]
        cases: QuerySet[ModerationCase] = super().get_queryset(request)
        return cases.annotate(report_count=Count("reports"), latest=Subquery(latest))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ModerationCase], search_term: str
    ) -> tuple[QuerySet[ModerationCase], bool]:
        """Find cases by the name of the person, or by what was reported. At most one query more."""
        if (identifier := id_in(search_term)) is not None:
            exact = queryset.filter(target_id=identifier)
            if exact.exists():
                return exact, False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="words")
    def words(self, case: ModerationCase) -> str:
        """The beginning of its words."""
        return str(case.snapshot.get("text", ""))[:60]

    @admin.display(ordering="report_count")
    def reports(self, case: Any) -> int:
        """How many people have reported it."""
        return int(case.report_count)

    @admin.display(description="latest reason")
    def latest_reason(self, case: Any) -> str:
        """The reason of the latest report."""
        return str(Reason(case.latest).label) if case.latest else ""

    @admin.display(ordering="id")
    def reported(self, case: ModerationCase) -> Any:
        """When it was reported first."""
        return case.created_at

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of a case's pictures and of the dashboard."""
        guard = self.admin_site.admin_view
        return [
            path(
                "<int:case_id>/picture/<int:number>/",
                guard(self.picture),
                name="social_moderationcase_picture",
            ),
            path(
                "open/<str:kind>/<int:target_id>/",
                guard(self.open_case),
                name="social_moderationcase_open",
            ),
            path("dashboard/", guard(self.dashboard), name="social_moderationcase_dashboard"),
            *super().get_urls(),
        ]

    def open_case(self, request: HttpRequest, kind: str, target_id: int) -> HttpResponse:
        """Open a case about something without a report, on POST, and show it.

        Raises ``PermissionDenied`` for staff who may not decide cases.
        """
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        case = reports.open_by(facts.moderator(request), reports.any_thing(kind, target_id))
        return redirect("admin:social_moderationcase_change", case.pk)

    def dashboard(self, request: HttpRequest) -> HttpResponse:
        """Show what happened on the last days.

        Raises ``PermissionDenied`` for staff who may not view cases.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        shared = self.admin_site.each_context(request)
        context = {**shared, **dashboard.dashboard(), "title": "Dashboard"}
        return render(request, "social/moderation/dashboard.html", context)

    def picture(self, request: HttpRequest, case_id: int, number: int) -> FileResponse:
        """Send picture ``number`` (from 1) of the photo, 0 for the avatar, in its largest size.

        Private and hidden ones too; the look is logged. Raises ``PermissionDenied`` for staff who
        may not view cases, ``Http404`` without a file.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        case = ModerationCase.objects.filter(pk=case_id).first()
        name = facts.picture_name(case, number) if case else ""
        if case is None or not name:
            raise Http404
        log.record_look(case, by=facts.moderator(request))
        try:
            content = default_storage.open(name)
        except FileNotFoundError:
            raise Http404 from None
        headers = {"Cache-Control": "private, no-store"}
        return FileResponse(content, content_type="image/webp", headers=headers)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a case with all that is known of it, and take what is decided.

        Raises ``PermissionDenied`` for staff without the permission.
        """
        case = self.get_object(request, object_id)
        if not self.has_view_permission(request, case):
            raise PermissionDenied
        if case is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined,no-any-return]
                request, self.opts, object_id
            )
        form = DecisionForm(case, request.POST if request.POST.get("act") == "decide" else None)
        if request.method == "POST":
            if not self.has_change_permission(request, case):
                raise PermissionDenied
            if _act(request, case, form):
                return redirect(request.path)
        log.record_look(case, by=facts.moderator(request))
        context = {
            **self.admin_site.each_context(request),
            **facts.facts_of(case),
            "opts": self.opts,
            "title": f"Case: {case}",
            "form": form,
            "may_decide": self.has_change_permission(request, case),
        }
        status = 422 if form.errors else 200
        return render(request, "social/moderation/case.html", context, status=status)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: reports open cases."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what was decided stays known."""
        return False


@admin.register(ModerationLogEntry)
class LogAdmin(ListAdmin[ModerationLogEntry]):
    """The log: all staff read it, nobody changes it."""

    list_display = ("when", "moderator_name", "act", "thing", "words")
    list_display_links = None
    list_filter = ("act", "kind", CreatedFilter)
    search_fields = ("moderator_name", "person_name", "words")
    ordering = ("-id",)
    list_per_page = 50
    actions = None
    linked_lookups = ("case_id",)

    @admin.display(ordering="id")
    def when(self, entry: ModerationLogEntry) -> Any:
        """When it happened."""
        return entry.created_at

    @admin.display(description="about")
    def thing(self, entry: ModerationLogEntry) -> str:
        """What it was about."""
        return f"{entry.kind} {entry.target_id} of @{entry.person_name}"

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Allow it to all staff."""
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow it to all staff."""
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: verbs write it."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse, to superusers too."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse, to superusers too."""
        return False


def _act(request: HttpRequest, case: ModerationCase, form: DecisionForm) -> bool:
    """Do what was sent; tell whether it is done, or refused with a message."""
    moderator = facts.moderator(request)
    act = request.POST.get("act")
    if act == "decide" and not form.is_valid():
        return False
    try:
        if act == "decide":
            deciding.decide(
                case=case,
                moderator=moderator,
                verb=form.cleaned_data["verb"],
                reason=form.cleaned_data["reason"],
                ends_at=form.ends_at,
            )
        elif decision := _decision(request, case):
            _change(decision, act or "", moderator)
    except CannotDecide as error:
        messages.error(request, str(error))
        return True
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    messages.success(request, "Done.")
    return True


def _change(decision: Decision, act: str, moderator: Any) -> None:
    if act == "undo":
        deciding.undo(decision=decision, moderator=moderator)
    elif act in {"accept", "reject"}:
        deciding.judge(decision=decision, moderator=moderator, accepted=act == "accept")


def _decision(request: HttpRequest, case: ModerationCase) -> Decision | None:
    """Return the decision of this case that a form names; ``Http404`` if there is none."""
    asked = parse_id(request.POST.get("decision", ""))
    found = case.decisions.filter(pk=asked).first() if asked else None
    if found is None:
        raise Http404
    return found
