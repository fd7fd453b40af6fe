"""Log in, sign up, password and address; second factors; the archive of what is somebody's."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import LogIn, Passkey
from social.models import Import, ImportRefusal
from tests.matrix.rules import (
    LOGIN,
    Rule,
    anyone,
    at,
    delete,
    get,
    member,
    owner_alone,
    plain,
    post,
    visitors,
)
from tests.matrix.scene import Scene

PASSWORD = {"password": "not-the-password", "old_password": "not-the-password"}
REFUSED = 422

WRONG = {"password": "not-the-password"}
ANSWER = {"state": "1", "answer": {}}
CODE = {"code": "none", "code_verifier": "v" * 43, "redirect_uri": "org.example.photos:/done"}


def prepare(scene: Scene) -> None:
    """Let the owner have a passkey, have logged in once, and bring an archive along."""
    scene.things["passkey"] = Passkey.objects.create(
        user=scene.owner,
        name="secret-passkey",
        credential_id="AAAA",
        credential=b"",
        user_handle="AAAA",
        rp_id="photos.example.org",
    )
    scene.secrets["secret-passkey"] = scene.is_owner
    scene.things["log in"] = LogIn.objects.create(
        user=scene.owner, how="password", program="secret-program"
    )
    scene.secrets["secret-program"] = scene.is_owner
    job = Import.objects.create(
        owner=scene.owner,
        state=Import.State.READY,
        source="secret-source",
        size=1,
        received=1,
        part_size=1,
        found=2,
        imported=1,
        refused=1,
        ends_at=timezone.now() + timedelta(days=1),
    )
    ImportRefusal.objects.create(of=job, name="secret-file.jpg", code="missing")
    scene.secrets["secret-source"] = scene.secrets["secret-file.jpg"] = scene.is_owner


def log_in(scene: Scene) -> dict[str, int]:
    """Return what names the owner's log-in in an address."""
    return {"log_in_id": scene.things["log in"].pk}


def passkey(scene: Scene) -> dict[str, int]:
    """Return what names the owner's passkey in an address."""
    return {"passkey_id": scene.things["passkey"].pk}


def in_already() -> Rule:
    """Send members on; visitors, and the owner, who has to use a passkey, to where one logs in."""
    return lambda scene: LOGIN if scene.logged_out or scene.is_owner else 302


def in_or_log_in() -> Rule:
    """Send members on, and visitors to where one logs in."""
    return lambda scene: LOGIN if scene.logged_out else 302


def second_step() -> Rule:
    """Ask the owner, who has a passkey and has not proved it in this session; lead others on."""

    def rule(scene: Scene) -> int:
        if scene.logged_out:
            return LOGIN
        return 200 if scene.is_owner else 302

    return rule


TABLE = {
    "accounts:signup": plain(
        get(visitors(200, members=302)), post(visitors(REFUSED, members=302), {"username": "?"})
    ),
    "accounts:login": plain(
        get(visitors(200, members=302)),
        post(visitors(REFUSED, members=302), {"username": "owner", "password": "wrong"}),
    ),
    "accounts:logout": plain(post(anyone(302))),
    "accounts:password": plain(get(member()), post(member(REFUSED), PASSWORD)),
    "accounts:email": plain(get(member()), post(member(REFUSED), PASSWORD)),
    "accounts:reset": plain(get(anyone()), post(anyone(302), {"email": "who@example.org"})),
    "accounts:reset-sent": plain(get(anyone())),
    "accounts:reset-done": plain(get(anyone())),
    "accounts:reset-confirm": at(
        lambda scene: {"uidb64": "MQ", "token": "none"}, get(anyone()), post(anyone())
    ),
    "api-register": plain(post(anyone(400), {"username": "?"})),
    "api-token": plain(post(anyone(401), {"username": "owner", "password": "wrong"})),
    "api-refresh": plain(post(anyone(401), {"refresh": "none"})),
    "api-logout": plain(post(anyone(401), {"refresh": "none"})),
    "accounts:second-step": plain(get(second_step()), post(second_step())),
    "accounts:passkey-question": plain(post(anyone())),
    "accounts:passkey-log-in": plain(post(in_already())),
    "accounts:factors": plain(get(member())),
    "accounts:app": plain(get(member()), post(member(422), WRONG)),
    "accounts:app-off": plain(get(member()), post(member(422), WRONG)),
    "accounts:recovery-codes": plain(get(member()), post(member(422), WRONG)),
    "accounts:passkey-add": plain(get(member()), post(member(302), {"state": "1", "answer": "x"})),
    "accounts:passkey-add-ask": plain(post(member(422), WRONG)),
    "accounts:passkey-remove": at(passkey, get(owner_alone()), post(owner_alone(422), WRONG)),
    "api-deletion": plain(post(member(400), WRONG)),
    "api-password": plain(
        post(member(400), {"old_password": "not-the-password", "new_password": "another-8-horses"})
    ),
    "api-reset": plain(post(anyone(202), {"email": "who@example.org"})),
    "api-reset-confirm": plain(
        post(anyone(410), {"uid": "MQ", "token": "none", "new_password": "another-8-horses"})
    ),
    "accounts:sessions": plain(get(member())),
    "accounts:log-ins": plain(get(member())),
    "accounts:session-end": at(log_in, post(owner_alone(302))),
    "accounts:sessions-end": plain(post(member(302))),
    "api-sessions": plain(get(member()), delete(member(204))),
    "api-session": at(log_in, delete(owner_alone(204))),
    "api-log-ins": plain(get(member())),
    "api-passkey-question": plain(post(anyone())),
    # As long as the site has no provider, which tests/accounts/provider has.
    "accounts:provider-start": plain(get(anyone(404))),
    "accounts:provider-app": plain(get(anyone(404))),
    "accounts:provider-answer": plain(get(anyone(404))),
    "accounts:provider-new": plain(get(in_or_log_in()), post(in_or_log_in())),
    "accounts:provider": plain(get(member(404)), post(member(404), WRONG)),
    "accounts:provider-link": plain(get(member(404))),
    "accounts:provider-unlink": plain(get(member(404)), post(member(404), WRONG)),
    "api-provider": plain(post(anyone(401), CODE)),
    "api-passkey-log-in": plain(post(anyone(401), ANSWER)),
    "api-factors": plain(get(member())),
    "api-totp": plain(post(member(400), WRONG), delete(member(400), WRONG)),
    "api-totp-confirm": plain(post(member(400), {"code": "1"})),
    "api-recovery-codes": plain(post(member(400), WRONG)),
    "api-passkeys": plain(post(member(409), ANSWER)),
    "api-new-passkey-question": plain(post(member(400), WRONG)),
    "api-passkey": at(passkey, delete(owner_alone(400), WRONG)),
    # Everybody has an archive of their own, and none of another person's.
    "social:export": plain(get(member()), post(member(302))),
    "social:export-file": plain(get(member(404))),
    "social:delete-export": plain(post(member(302))),
    "api-export": plain(get(member(404)), post(member(200)), delete(member(204))),
    "api-export-file": plain(get(member(404))),
    # And one that they bring along.
    "social:import": plain(get(member()), post(member(302))),
    "social:import-file": plain(post(member(422))),
    "social:begin-import": plain(post(member(422), {"size": "0"})),
    "social:import-part": plain(post(member(422))),
    "social:start-import": plain(post(member(422), {"audience": "none"})),
    "social:stop-import": plain(post(member(302))),
    "social:refused-files": plain(get(owner_alone())),
    "api-import": plain(get(owner_alone()), post(member(422), {"size": 0}), delete(member(204))),
    "api-import-parts": plain(post(member(415))),
    "api-start-import": plain(post(member(400), {"audience": "none"})),
    "api-refused-files": plain(get(owner_alone())),
}
