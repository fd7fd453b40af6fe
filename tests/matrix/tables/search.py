"""Search: of what the owner has, for each kind of viewer."""

from __future__ import annotations

from tests.matrix.rules import Ask, Rule, anyone, member, plain


def searched(rule: Rule, *typed: str) -> tuple[Ask, ...]:
    """Return requests that search for each of these."""
    return tuple(Ask("GET", rule, {"q": text}) for text in typed)


# Names the owner, the tag of the photo, and a word of its caption.
TYPED = ("owner", "#lighthouse", "caption")

TABLE = {
    "social:search": plain(*searched(anyone(), *TYPED)),
    "social:search-suggestions": plain(*searched(anyone(), *TYPED)),
    "api-search-people": plain(*searched(member(), *TYPED)),
    "api-search-tags": plain(*searched(member(), *TYPED)),
    "api-search-photos": plain(*searched(member(), *TYPED)),
    "api-search-suggestions": plain(*searched(member(), *TYPED)),
}
