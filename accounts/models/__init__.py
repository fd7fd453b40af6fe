"""The tables of people: users, their counters, follows, blocks, mutes and API sessions."""

from accounts.models.api import ApiSession, IdempotencyKey
from accounts.models.attempts import Attempts
from accounts.models.counting import counts_are_shared, hidden_count, visible_count
from accounts.models.departures import Departure
from accounts.models.doors import Admission, EmailConfirmation, FormerName, Invitation
from accounts.models.factors import Challenge, Passkey, RecoveryCode, Totp
from accounts.models.logins import LogIn
from accounts.models.mutes import HiddenSuggestion, Mute
from accounts.models.provider import AppCode, Identity, NewPeople
from accounts.models.relations import Block, Follow, FollowRequest
from accounts.models.site import EmailCheck, SignUp, SiteSettings
from accounts.models.users import USERNAME_RULE, User, UserQuerySet, UserStats, Viewer
from accounts.models.visibility import reachable, viewable

__all__ = [
    "USERNAME_RULE",
    "Admission",
    "ApiSession",
    "AppCode",
    "Attempts",
    "Block",
    "Challenge",
    "Departure",
    "EmailCheck",
    "EmailConfirmation",
    "Follow",
    "FollowRequest",
    "FormerName",
    "HiddenSuggestion",
    "IdempotencyKey",
    "Identity",
    "Invitation",
    "LogIn",
    "Mute",
    "NewPeople",
    "Passkey",
    "RecoveryCode",
    "SignUp",
    "SiteSettings",
    "Totp",
    "User",
    "UserQuerySet",
    "UserStats",
    "Viewer",
    "counts_are_shared",
    "hidden_count",
    "reachable",
    "viewable",
    "visible_count",
]
