"""Mutes, filtered words, hidden suggestions, the archive and pins."""

from __future__ import annotations

from tests.matrix.rules import (
    at,
    delete,
    get,
    list_of_owner,
    member,
    member_who_knows,
    owner_of_photo,
    plain,
    post,
    put,
)
from tests.matrix.tables.photos import of_photo
from tests.matrix.tables.social import of_owner

WORDS = {"words": ["ice"]}

TABLE = {
    "social:mute": at(
        of_owner, get(member_who_knows()), post(member_who_knows(302), {"days": "0"})
    ),
    "social:unmute": at(of_owner, post(member_who_knows(302))),
    "social:hide-suggestion": at(of_owner, post(member_who_knows(302))),
    "social:muted": plain(get(member())),
    "social:words": plain(get(member()), post(member(302), {"words": "ice"})),
    "photos:archive": plain(get(member())),
    "photos:archive-photo": at(of_photo, post(owner_of_photo(302))),
    "photos:bring-back": at(of_photo, post(owner_of_photo(302))),
    "photos:place": at(of_photo, get(owner_of_photo())),
    "photos:pin": at(of_photo, post(owner_of_photo(302))),
    "photos:unpin": at(of_photo, post(owner_of_photo(302))),
    "api-mutes": plain(get(member())),
    "api-mute": at(
        of_owner, put(member_who_knows(204, owner=409), {}), delete(member_who_knows(204))
    ),
    "api-hide-suggestion": at(
        of_owner, put(member_who_knows(204, owner=409)), delete(member_who_knows(204))
    ),
    "api-filters": plain(get(member()), put(member(), WORDS)),
    "api-archive": plain(get(member())),
    "api-archive-photo": at(of_photo, put(owner_of_photo(204)), delete(owner_of_photo(204))),
    "api-pin": at(of_photo, put(owner_of_photo(204)), delete(owner_of_photo(204))),
    "api-profile-pins": at(of_owner, get(list_of_owner())),
}
