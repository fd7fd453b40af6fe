"""The forms of what people want to be told of, and how."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from social.notifications.digest.schedule import zones
from social.notifications.kinds import KINDS


class WantedForm(forms.Form):
    """The kinds of notifications that somebody wants."""

    kinds = forms.TypedMultipleChoiceField(
        choices=[(code, kind.label) for code, kind in KINDS.items()],
        coerce=KINDS.__getitem__,
        required=False,
        label=_("Tell me about"),
        widget=forms.CheckboxSelectMultiple,
    )


class DigestForm(forms.Form):
    """When somebody wants their digest; without an hour, none."""

    hour = forms.TypedChoiceField(
        choices=[("", _("No e-mail")), *((hour, f"{hour:02}:00") for hour in range(24))],
        coerce=int,
        empty_value=None,
        required=False,
        label=_("Send me one e-mail a day at"),
    )
    zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take a form's arguments; the zones are those that this machine knows."""
        super().__init__(*args, **options)
        zone: Any = self.fields["zone"]
        zone.choices = [(name, name) for name in zones()]
