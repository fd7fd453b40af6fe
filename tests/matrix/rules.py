"""Who is answered what: one function for each answer to "who may?"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.matrix.scene import Account, Kind, Scene

# "Log in first": a redirect to the log-in page, or 403 for what was typed; 401 over the API.
LOGIN = -1
NOT_FOUND = 404
FORBIDDEN = 403

# From a scene to the expected status, or ``LOGIN``.
Rule = Callable[[Scene], int]


@dataclass(frozen=True)
class Ask:
    """One request: its method, who is answered what, and the body if there is one.

    ``body`` is sent as a form to pages and as JSON to the API, or is made from the scene.
    """

    method: str
    rule: Rule
    body: Mapping[str, Any] | Callable[[Scene], Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Address:
    """One name of the URL map: how its variable parts come from a scene, and what is asked.

    ``as_visitor``: whoever asks is answered what a visitor is, even across a block. ``shows``: the
    secrets that whoever holds a share link reads here.
    """

    asks: tuple[Ask, ...]
    args: Callable[[Scene], dict[str, Any]] = lambda scene: {}
    as_visitor: bool = False
    shows: tuple[str, ...] = ()


def at(args: Callable[[Scene], dict[str, Any]], *asks: Ask, shows: tuple[str, ...] = ()) -> Address:
    """Return an address with variable parts."""
    return Address(asks, args, shows=shows)


def plain(*asks: Ask) -> Address:
    """Return an address without variable parts."""
    return Address(asks)


def get(rule: Rule) -> Ask:
    """Return a request that reads."""
    return Ask("GET", rule)


def post(rule: Rule, body: Any = None) -> Ask:
    """Return a request that sends a form, or JSON."""
    return Ask("POST", rule, body)


def put(rule: Rule, body: Any = None) -> Ask:
    """Return a request that makes something so."""
    return Ask("PUT", rule, body)


def patch(rule: Rule, body: Any = None) -> Ask:
    """Return a request that changes something."""
    return Ask("PATCH", rule, body)


def delete(rule: Rule, body: Any = None) -> Ask:
    """Return a request that takes something away."""
    return Ask("DELETE", rule, body)


def anyone(status: int = 200) -> Rule:
    """Answer everybody alike."""
    return lambda scene: status


def visitors(status: int, members: int) -> Rule:
    """Answer those who are logged out, and members otherwise: the log-in page, for instance."""
    return lambda scene: status if scene.logged_out else members


def member(status: int = 200) -> Rule:
    """Answer members alike; all others must log in first."""
    return lambda scene: LOGIN if scene.logged_out else status


def who_sees(status: int = 200) -> Rule:
    """Answer who may see the owner's photos; for all others there is nothing."""
    return lambda scene: status if scene.sees else NOT_FOUND


def member_who_sees(status: int = 200) -> Rule:
    """Answer members who may see the owner's photos."""
    return lambda scene: LOGIN if scene.logged_out else who_sees(status)(scene)


def who_knows(status: int = 200) -> Rule:
    """Answer who may know of the owner; for all others there is nobody."""
    return lambda scene: status if scene.knows else NOT_FOUND


def who_reaches(status: int = 200) -> Rule:
    """Answer those between whom and the owner there is no block."""
    return lambda scene: status if scene.knows and scene.kind != Kind.BLOCKING else NOT_FOUND


def member_who_holds(status: int = 200, owner: int | None = None) -> Rule:
    """Answer members who know of the owner, or have blocked them, whatever has become of them."""

    def rule(scene: Scene) -> int:
        if scene.kind == Kind.BLOCKING:
            return status
        return member_who_knows(status, owner)(scene)

    return rule


def member_who_knows(
    status: int = 200, owner: int | None = None, blocking: int | None = None
) -> Rule:
    """Answer members who may know of the owner.

    The owner, and who blocks them, are answered otherwise where it makes no sense for them.
    """

    def rule(scene: Scene) -> int:
        if scene.logged_out:
            return LOGIN
        if scene.is_owner and owner is not None:
            return owner
        if scene.kind == Kind.BLOCKING and scene.knows and blocking is not None:
            return blocking
        return who_knows(status)(scene)

    return rule


def list_of_owner(status: int = 200) -> Rule:
    """Answer members who see; who only knows of a private account is told that it is private."""

    def rule(scene: Scene) -> int:
        if scene.logged_out:
            return LOGIN
        if not scene.knows:
            return NOT_FOUND
        return status if scene.sees else FORBIDDEN

    return rule


def owner_of_photo(status: int = 200) -> Rule:
    """Answer the owner; who sees the photo is told that it is not theirs."""

    def rule(scene: Scene) -> int:
        if scene.logged_out:
            return LOGIN
        if scene.is_owner:
            return status
        return FORBIDDEN if scene.sees else NOT_FOUND

    return rule


def nobodys() -> Rule:
    """Refuse all members: those who see are told that it is not theirs."""

    def rule(scene: Scene) -> int:
        return LOGIN if scene.logged_out else FORBIDDEN if scene.sees else NOT_FOUND

    return rule


def member_but_owner(status: int, owner: int) -> Rule:
    """Answer members who see; the owner is told that it cannot be done to what is one's own."""

    def rule(scene: Scene) -> int:
        return owner if scene.is_owner else member_who_sees(status)(scene)

    return rule


def owner_alone(status: int = 200, others: int = NOT_FOUND) -> Rule:
    """Answer the owner; for all other members there is nothing (or ``others``)."""

    def rule(scene: Scene) -> int:
        return LOGIN if scene.logged_out else status if scene.is_owner else others

    return rule


def who_is_sent_pictures(scene: Scene) -> int:
    """Answer with bytes who sees, and everybody where the account is public (ADR 0010)."""
    return 200 if scene.account == Account.PUBLIC or scene.sees else NOT_FOUND
