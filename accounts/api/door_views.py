"""The API of the doors: addresses to confirm, invitations, your name, pages of the site."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from accounts.api.door_serializers import (
    AddressSerializer,
    ConfirmedSerializer,
    InvitationSerializer,
    NewInvitationSerializer,
    NewNameSerializer,
    SitePageSerializer,
    TokenSerializer,
    UnconfirmedSerializer,
)
from accounts.api.idempotency import idempotent
from accounts.api.json import account_json
from accounts.api.serializers import AccountSerializer
from accounts.doors import admissions, confirmations, invitations, names, site_pages
from accounts.doors.pages import visitors
from accounts.models import Invitation, User
from minigram_site.api.errors import Problem
from minigram_site.api.openapi.problems import refuses
from minigram_site.api.views import (
    ApiView,
    OpenView,
    PageView,
    base_of,
    not_found,
    validated,
)
from minigram_site.web.pagination import Cursor, Page

_LINK = "At most five links an hour. An older one does not work any more."


def refuse_waiting(request: Request) -> None:
    """Raise ``Problem`` 403 if the right password was sent, by somebody who is not in."""
    user = visitors.shut_out(request)
    if user is not None:
        raise Problem(403, *_where(user))


def waiting_json(user: User) -> dict[str, str]:
    """Return where somebody stands who is not in. One query."""
    code, detail = _where(user)
    return {"code": code, "detail": detail}


@extend_schema(tags=["auth"])
class UnconfirmedView(OpenView):
    """The address of somebody who is not in yet."""

    @extend_schema(
        summary="Send another link to confirm your address, or correct it",
        description="For those who are not in yet. " + _LINK,
        request=UnconfirmedSerializer,
        responses={202: AddressSerializer},
    )
    @refuses(401, "invalid_credentials")
    @refuses(409, "already_confirmed")
    def post(self, request: Request) -> Response:
        """Answer with the address that a link goes to.

        Raises ``Problem``: 401 for wrong credentials, 409 for an address that needs no link.
        """
        values = validated(UnconfirmedSerializer, request)
        email = values.pop("email", None)
        authenticate(request, **values)
        user = visitors.shut_out(request)
        if user is None:
            sentence = "Nobody who waits to come in has this name and password."
            raise Problem(401, "invalid_credentials", sentence)
        try:
            confirmations.refuse_unconfirmed_sign_up(user)
        except ValidationError as error:
            raise Problem(409, "already_confirmed", " ".join(error.messages)) from None
        if email:
            confirmations.change_address(user=user, email=email)
        else:
            confirmations.resend(user=user)
        return Response(confirmations.address_of(user)._asdict(), status=202)


@extend_schema(tags=["auth"])
class ConfirmEmailView(OpenView):
    """The link of a mail."""

    @extend_schema(
        summary="Confirm an e-mail address",
        description="`token` is the last part of the link. A second time changes nothing.",
        request=TokenSerializer,
        responses={200: ConfirmedSerializer},
    )
    @refuses(410, "broken_link")
    def post(self, request: Request) -> Response:
        """Answer with the address. Raises ``Problem`` 410 for a link that does not work."""
        token = validated(TokenSerializer, request)["token"]
        try:
            user, is_news = confirmations.confirm(token)
        except confirmations.BrokenLink as error:
            raise Problem(410, "broken_link", str(error)) from None
        return Response({"email": user.email, "is_news": is_news})


@extend_schema(tags=["me"])
class AddressView(ApiView):
    """Your e-mail address."""

    @extend_schema(
        summary="Your e-mail address",
        description="`PATCH me/` changes it. Where addresses are confirmed, the one you have stays "
        "until the link that is sent to the new one is used.",
        responses=AddressSerializer,
    )
    def get(self, request: Request) -> Response:
        """Answer with the address, and what is known of it."""
        return Response(confirmations.address_of(caller(request))._asdict())


@extend_schema(tags=["me"])
class AddressLinkView(ApiView):
    """The link that confirms your address."""

    @extend_schema(
        summary="Send a link to confirm your address",
        description=_LINK,
        request=None,
        responses={202: AddressSerializer},
    )
    @refuses(400, "invalid")
    def post(self, request: Request) -> Response:
        """Answer with the address."""
        confirmations.resend(user=caller(request))
        return Response(confirmations.address_of(caller(request))._asdict(), status=202)


@extend_schema(tags=["me"])
class NameView(ApiView):
    """Your name."""

    @extend_schema(
        summary="Change your name",
        description="For 90 days requests under the old name are redirected (307), and nobody else "
        "can take it. Twice in 30 days at most.",
        request=NewNameSerializer,
        responses=AccountSerializer,
    )
    def put(self, request: Request) -> Response:
        """Answer with the account. Raises ``ValidationError`` (400) for a name that is refused."""
        name = validated(NewNameSerializer, request)["username"]
        try:
            names.rename(user=caller(request), username=name)
        except ValidationError as error:
            raise ValidationError({"username": error}) from None
        user = User.objects.with_stats().get(pk=caller(request).pk)
        return Response(account_json(user, base_of(request)))


@extend_schema(tags=["me"])
class InvitationsView(PageView):
    """Your invitations."""

    @extend_schema(summary="Your invitations", responses=InvitationSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Answer with a page of invitations, newest first."""
        return self.answer(request)

    @extend_schema(
        summary="Make an invitation",
        description="Whether you may is in `instance`.",
        request=NewInvitationSerializer,
        responses={201: InvitationSerializer},
    )
    @refuses(403, "permission_denied")
    @idempotent
    def post(self, request: Request) -> Response:
        """Answer with the invitation. Raises ``PermissionDenied`` (403) if you may not invite."""
        values = validated(NewInvitationSerializer, request)
        made = invitations.invite(user=caller(request), **values)
        return Response(self.row(made, base_of(request)), status=201)

    def read(
        self, request: Request, cursor: Cursor | None, size: int, **path: Any
    ) -> Page[Invitation]:
        """Return a page of invitations. One query."""
        return invitations.made_by(caller(request), cursor, size)

    def row(self, item: Invitation, base: str) -> dict[str, Any]:
        """Return the invitation."""
        return {
            "id": str(item.pk),
            "code": item.code,
            "url": base + reverse("accounts:invited", args=[item.code]),
            "note": item.note,
            "max_uses": item.max_uses,
            "uses": item.uses,
            "expires_at": item.expires_at,
            "is_revoked": item.is_revoked,
        }


@extend_schema(tags=["me"])
class InvitationView(ApiView):
    """One of your invitations."""

    @extend_schema(summary="Withdraw an invitation", responses={204: None})
    def delete(self, request: Request, invitation_id: int) -> Response:
        """Answer 204, also the second time. Raises ``Problem`` 404 for somebody else's."""
        if not invitations.revoke(user=caller(request), invitation_id=invitation_id):
            raise not_found()
        return Response(status=204)


@extend_schema(tags=["site"])
class SitePageView(OpenView):
    """A page of the site."""

    @extend_schema(
        summary="The rules, the imprint, or what the site is about", responses=SitePageSerializer
    )
    def get(self, request: Request, name: str) -> Response:
        """Answer with the page. Raises ``Problem`` 404 for one that nobody has written."""
        page = site_pages.page(name)
        if page is None:
            raise not_found()
        return Response(page._asdict())


def _where(user: User) -> tuple[str, str]:
    return admissions.problem_of(user) or ("", "")
