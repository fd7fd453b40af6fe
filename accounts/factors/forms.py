"""Forms of the pages about second factors."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import MemberRequest
from accounts.forms import CleanCharField, PasswordConfirmForm


class CodeForm(forms.Form):
    """A code: of the app, or one of the recovery codes."""

    code = CleanCharField(
        line=True,
        max_length=40,
        label=_("Code"),
        error_messages={"required": _("Type the code.")},
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class PasskeyForm(PasswordConfirmForm):
    """The name of a passkey that is to be added, and the password."""

    name = CleanCharField(
        line=True,
        max_length=60,
        required=False,
        label=_("Name"),
        help_text=_("So that you’ll recognise it: the device or program that keeps it."),
    )
    field_order = ("name", "password")

    def __init__(self, request: MemberRequest) -> None:
        """Take the request of the person; a POST holds the values."""
        super().__init__(request)
        self.fields["password"].help_text = _(
            "Your device will then ask for your finger, your face or its PIN."
        )
