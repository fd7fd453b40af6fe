"""Forms of moderation: a report, an appeal, a decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import CleanCharField
from social.moderation.effects import VERBS
from social.moderation.models import WORDS_LENGTH, ModerationCase, Reason


class ReportForm(forms.Form):
    """What is wrong."""

    reason = forms.ChoiceField(
        choices=Reason.for_people(),
        widget=forms.RadioSelect,
        label=_("What’s wrong?"),
        error_messages={"required": _("Choose a reason.")},
    )
    words = CleanCharField(
        required=False,
        max_length=WORDS_LENGTH,
        label=_("Details"),
        widget=forms.Textarea({"rows": 4}),
    )


class AppealForm(forms.Form):
    """Why a decision is wrong."""

    words = CleanCharField(
        max_length=WORDS_LENGTH,
        label=_("Why is the decision wrong?"),
        error_messages={"required": _("Tell us why the decision is wrong.")},
        widget=forms.Textarea({"rows": 5}),
    )


class DecisionForm(forms.Form):
    """What is decided, why, and for how long."""

    verb = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    reason = CleanCharField(
        max_length=WORDS_LENGTH,
        label=_("Reason"),
        help_text=_("The person reads this, unless you dismiss the report."),
        widget=forms.Textarea({"rows": 3}),
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=3650,
        required=False,
        label=_("Days"),
        help_text=_("How long a suspension lasts. Leave it empty to suspend until further notice."),
    )

    def __init__(self, case: ModerationCase, *arguments: Any) -> None:
        """Take the case, whose kind says what can be decided, and the values that were sent."""
        super().__init__(*arguments)
        self.fields["verb"].choices = [  # type: ignore[attr-defined]  # of a ChoiceField
            (verb.value, verb.label) for verb in VERBS[case.kind]
        ]

    @property
    def ends_at(self) -> datetime | None:
        """When what was decided ends by itself."""
        days = self.cleaned_data.get("days")
        return timezone.now() + timedelta(days=days) if days else None
