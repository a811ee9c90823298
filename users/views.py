"""The HTTP API of users."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.api import call_async
from foundation.errors import NotFound
from foundation.operations import Operation, next_cursor

from . import local_issuer, preferences, privacy, selectors, services
from .actor import Actor
from .api import ApiView
from .serializers import (
    FindUsersInput,
    JwksSerializer,
    PreferencesSerializer,
    PrivacySerializer,
    SetPreferencesInput,
    SetPrivacyInput,
    SetStatusInput,
    UpdateProfileInput,
    UserListSerializer,
    UserRefInput,
    UserSerializer,
)

Wire = dict[str, Any]


class UsersView(ApiView):
    """This server's users, in pages."""

    @Operation("users_list", FindUsersInput, UserListSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, **query: Any) -> Wire:
        """List the users by name, or find those whose name, a word of it, or handle starts with something."""
        page = await selectors.find_users(actor=actor, **query)
        users = {"users": [user.as_wire() for user in page.users]}
        return users | ({"nextCursor": page.next_cursor} if page.next_cursor else {})


class UserView(ApiView):
    """One user."""

    @Operation("users_read", UserRefInput, UserSerializer)
    async def get(self, actor: Actor, **user: Any) -> Wire:
        """Get a user."""
        return (await selectors.get_seen_user(actor=actor, **user)).as_wire()


class MeView(ApiView):
    """You; a PATCH changes your profile."""

    @Operation("me_read", None, UserSerializer)
    async def get(self, actor: Actor) -> Wire:
        """Get yourself."""
        return (await selectors.get_user(user_id=actor.user_id)).as_wire()

    @Operation("me_update", UpdateProfileInput, UserSerializer)
    def patch(self, actor: Actor, **changes: Any) -> Wire:
        """Change your name, handle, title or time zone."""
        return call_async(services.update_profile, actor=actor, **changes).as_wire()


class StatusView(ApiView):
    """Your custom status, which others see beside your name until it expires."""

    @Operation("me_set_status", SetStatusInput, UserSerializer)
    def put(self, actor: Actor, **status: Any) -> Wire:
        """Set your custom status in place of the one that you have."""
        return call_async(services.set_status, actor=actor, **status).as_wire()

    @Operation("me_clear_status", None, None, statuses=(204,))
    def delete(self, actor: Actor) -> None:
        """Take your custom status back."""
        call_async(services.clear_status, actor=actor)


class PrivacyView(ApiView):
    """What you let others do."""

    @Operation("me_privacy", None, PrivacySerializer)
    async def get(self, actor: Actor) -> Wire:
        """Get who may add you to groups and begin conversations with you."""
        return {"addableBy": await selectors.get_addable_by(actor=actor)}

    @Operation("me_set_privacy", SetPrivacyInput, PrivacySerializer)
    def patch(self, actor: Actor, **change: Any) -> Wire:
        """Say who may add you to groups and begin conversations with you."""
        return {"addableBy": call_async(privacy.set_addable_by, actor=actor, **change)}


class PreferencesView(ApiView):
    """How you want the web chat to be."""

    @Operation("me_preferences", None, PreferencesSerializer)
    async def get(self, actor: Actor) -> Wire:
        """Get your theme, what Enter does, and your language."""
        return (await selectors.get_preferences(actor=actor)).as_wire()

    @Operation("me_set_preferences", SetPreferencesInput, PreferencesSerializer)
    def patch(self, actor: Actor, **changes: Any) -> Wire:
        """Change your theme, what Enter does, or your language, on all of your devices."""
        return call_async(preferences.set_preferences, actor=actor, **changes).as_wire()


class JwksView(APIView):
    """The local issuer's JWKS; 404 with Clerk, which publishes its own."""

    authentication_classes = []
    permission_classes = []

    @extend_schema(operation_id="jwks", auth=[], responses=JwksSerializer)
    def get(self, request: Request) -> Response:
        """Get the keys that session tokens are signed with, where this server issues them itself."""
        if not settings.LOCAL_ISSUER:
            raise NotFound
        return Response(local_issuer.jwks(), headers={"Cache-Control": "public, max-age=300"})
