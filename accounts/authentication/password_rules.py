"""The rules for passwords, as sign-up tells them: before somebody types, and what is broken.

The rules themselves are ``settings.AUTH_PASSWORD_VALIDATORS``.
"""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.password_validation import (
    MinimumLengthValidator,
    get_default_password_validators,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class PasswordRule(NamedTuple):
    """A rule that a script can try while somebody types: its name, and the sentence."""

    name: str
    sentence: str


def shortest() -> int:
    """Return how many characters a password has at least."""
    lengths = [
        validator.min_length
        for validator in get_default_password_validators()
        if isinstance(validator, MinimumLengthValidator)
    ]
    return max(lengths, default=1)


def rules() -> list[PasswordRule]:
    """Return what a password has to be, as far as a browser can tell without asking."""
    return [
        PasswordRule("length", _("At least %(number)d characters") % {"number": shortest()}),
        PasswordRule("digits", _("Not only digits")),
        PasswordRule("likeness", _("Not like your name or e-mail address")),
    ]


def in_our_words(error: ValidationError) -> ValidationError:
    """Return the one sentence that matters most of what Django's validators complain of."""
    codes = [one.code for one in error.error_list]
    sentences = {
        "password_too_short": _("Use at least %(number)d characters.") % {"number": shortest()},
        "password_too_similar": _("This is too much like your name or e-mail address."),
        "password_too_common": _("This password is too common: others would try it first."),
        "password_entirely_numeric": _("Use more than just digits."),
    }
    for code, sentence in sentences.items():
        if code in codes:
            return ValidationError(sentence, code=code)
    return ValidationError(error.error_list[0])
