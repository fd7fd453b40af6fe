"""Forms of the doors: sign-up, invitations, a corrected address, another name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.doors.invitations import MAX_DAYS, MAX_USES
from accounts.doors.names import refuse_reserved
from accounts.doors.signing_up import MAX_ANSWER, asks_question
from accounts.forms import CleanCharField, LowerCaseField, SignUpForm
from accounts.models import USERNAME_RULE, SiteSettings

_NAME = forms.TextInput({"autocomplete": "username", "autocapitalize": "none"})


class DoorForm(SignUpForm):
    """Name, address and password, and what the door that is open asks for."""

    invitation = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)
    answer = CleanCharField(
        max_length=MAX_ANSWER, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, data: Any, *, site: SiteSettings, invitation: str) -> None:
        """Take what was sent (``None`` for an empty form), the site, and the code of a link."""
        super().__init__(data, initial={"invitation": invitation})
        code = str(data.get("invitation", "")) if data is not None else invitation
        if not asks_question(site, code):
            del self.fields["answer"]
        elif site.question:
            self.fields["answer"].label = site.question
            self.fields["answer"].required = True
        else:
            self.fields["answer"].label = gettext("Why would you like to join?")

    def clean_username(self) -> str:
        """Return the name. Raises ``ValidationError`` for one that is reserved."""
        name = str(self.cleaned_data["username"])
        refuse_reserved(name)
        return name

    def add_fault(self, error: forms.ValidationError) -> None:
        """Show what the verb has refused beside its field; a hidden one's above the form."""
        for field, faults in error.error_dict.items():
            shown = field in self.fields and not self.fields[field].widget.is_hidden
            self.add_error(field if shown else None, faults)


class InvitationForm(forms.Form):
    """For how many people, for how long, and for whom."""

    max_uses = forms.IntegerField(
        label=_("How many people can use it"), min_value=1, max_value=MAX_USES, initial=1
    )
    days = forms.IntegerField(
        label=_("Valid for (days)"), min_value=1, max_value=MAX_DAYS, initial=7
    )
    note = CleanCharField(
        line=True,
        max_length=60,
        required=False,
        label=_("Who it’s for"),
        help_text=_("Only you can see this note."),
    )


class NameForm(forms.Form):
    """Another name."""

    username = LowerCaseField(
        line=True,
        min_length=2,
        max_length=30,
        label=_("New username"),
        validators=[USERNAME_RULE],
        widget=_NAME,
    )


class CorrectionForm(forms.Form):
    """The right address of somebody who has not come in yet."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )

    def clean_email(self) -> str:
        """Return the address in lower case."""
        return str(self.cleaned_data["email"]).lower()
