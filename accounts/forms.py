"""Forms of the account pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import forms as auth_forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import MemberRequest
from accounts.authentication import passwords
from accounts.authentication.password_rules import in_our_words
from accounts.models import User
from minigram_site.fields.text import clean, clean_line
from minigram_site.languages import LANGUAGES


class CleanCharField(forms.CharField):
    """A text field whose value is cleaned before its length is checked."""

    def __init__(self, *, line: bool = False, **options: Any) -> None:
        """Take a form field's options; ``line`` keeps the text on one line."""
        self.line = line
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return the attributes of the input, which runs as what is typed into it does."""
        return {**super().widget_attrs(widget), "dir": "auto"}

    def to_python(self, value: Any) -> str:
        """Return the cleaned text."""
        text = super().to_python(value) or ""
        return clean_line(text) if self.line else clean(text)


class LowerCaseField(CleanCharField):
    """A text field whose value is kept in lower case."""

    def to_python(self, value: Any) -> str:
        """Return the name in lower case."""
        return super().to_python(value).lower()


class SignUpForm(forms.ModelForm[User]):
    """Name, e-mail address and password of a new account: one sentence for each that is wrong."""

    username = LowerCaseField(
        line=True,
        min_length=2,
        max_length=30,
        label=_("Username"),
        help_text=_(
            "Letters a to z, digits, underscores and dots. It’s part of your profile’s address."
        ),
        error_messages={
            "required": _("Choose a name."),
            "min_length": _("Use 2 to 30 characters."),
            "max_length": _("Use 2 to 30 characters."),
        },
        widget=forms.TextInput(
            {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        max_length=128,
        strip=False,
        label=_("Password"),
        error_messages={
            "required": _("Choose a password."),
            "max_length": _("Use at most 128 characters."),
        },
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields = ("username", "email")
        labels = {"email": _("E-mail address")}
        error_messages = {
            "email": {
                "required": _("Type your e-mail address."),
                "invalid": _("This isn’t an e-mail address."),
            }
        }
        widgets = {"email": forms.EmailInput({"autocomplete": "email"})}

    def clean_email(self) -> str:
        """Return the address in lower case."""
        return str(self.cleaned_data["email"]).lower()

    def _post_clean(self) -> None:
        # After the model's own checks, so that the password is compared with name and e-mail.
        super()._post_clean()  # type: ignore[misc]
        if password := self.cleaned_data.get("password"):
            try:
                validate_password(password, self.instance)
            except forms.ValidationError as error:
                self.add_error("password", in_our_words(error))


class LoginForm(auth_forms.AuthenticationForm):
    """Name or e-mail address, and password."""

    username = auth_forms.UsernameField(
        label=_("Username or e-mail"),
        max_length=254,
        error_messages={"required": _("Type your name or e-mail address.")},
        widget=forms.TextInput(
            {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        error_messages={"required": _("Type your password.")},
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    error_messages = {
        "invalid_login": _("This username or e-mail address and password don’t match any account."),
    }

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Allow whom the backend has let in, who need not be active (``suspensions.lets_in``)."""


class PasswordConfirmForm(forms.Form):
    """The password, asked again before an act that cannot be undone.

    Validation raises ``TooManyRequests`` where too many were tried.
    """

    password = forms.CharField(
        max_length=128,
        strip=False,
        label=_("Your password"),
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )

    def __init__(self, request: MemberRequest) -> None:
        """Take the request of the person whose password is asked; a POST holds the values."""
        self.request = request
        super().__init__(request.POST if request.method == "POST" else None)

    def clean_password(self) -> str:
        """Return the password; raises ``ValidationError`` if it is not the person's."""
        password = str(self.cleaned_data["password"])
        if not passwords.confirm(password, user=self.request.user, request=self.request):
            raise forms.ValidationError(gettext("That isn’t your password."), code="wrong_password")
        return password


class LanguageForm(forms.Form):
    """The language of the pages."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("Same as my browser")), *LANGUAGES],
        widget=forms.RadioSelect,
    )


class EmailForm(PasswordConfirmForm):
    """Another e-mail address, confirmed by the password."""

    email = forms.EmailField(
        label=_("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    field_order = ("email", "password")

    def clean_email(self) -> str:
        """Return the address in lower case.

        Whether it is taken is told after the password has been seen to be right, by the verb.
        """
        return str(self.cleaned_data["email"]).lower()


class PasswordForm(auth_forms.PasswordChangeForm):
    """A new password, confirmed by the old one.

    Validation raises ``TooManyRequests`` where too many were tried.
    """

    def __init__(self, request: MemberRequest) -> None:
        """Take the request of the person whose password it is; a POST holds the values."""
        self.request = request
        super().__init__(request.user, request.POST if request.method == "POST" else None)

    def clean_old_password(self) -> str:
        """Return the old password; raises ``ValidationError`` if it is another."""
        old = str(self.cleaned_data["old_password"])
        if not passwords.confirm(old, user=self.request.user, request=self.request):
            sentence = self.error_messages["password_incorrect"]
            raise forms.ValidationError(sentence, code="password_incorrect")
        return old
