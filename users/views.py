"""The HTTP API of users."""

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.api import call_async
from foundation.errors import NotFound
from foundation.validation import validated

from . import local_issuer, selectors, services
from .authentication import require_actor
from .serializers import FindUsersInput, UpdateProfileInput, UserListSerializer, UserSerializer


class UsersView(APIView):
    """A page of this server's users, sorted by name."""

    @extend_schema(operation_id="users_list", parameters=[FindUsersInput], responses=UserListSerializer)
    def get(self, request: Request) -> Response:
        params = validated(FindUsersInput, request.query_params.dict())
        page = call_async(selectors.find_users, **params)
        users = {"users": [user.as_wire() for user in page.users]}
        return Response(users | ({"nextCursor": page.next_cursor} if page.next_cursor else {}))


class UserView(APIView):
    """One user."""

    @extend_schema(operation_id="users_read", responses=UserSerializer)
    def get(self, request: Request, user_id: str) -> Response:
        return Response(call_async(selectors.get_user, user_id=user_id).as_wire())


class MeView(APIView):
    """The signed-in user."""

    @extend_schema(operation_id="me_read", responses=UserSerializer)
    def get(self, request: Request) -> Response:
        return Response(call_async(selectors.get_user, user_id=require_actor(request).user_id).as_wire())

    @extend_schema(operation_id="me_update", request=UpdateProfileInput, responses=UserSerializer)
    def patch(self, request: Request) -> Response:
        changes = validated(UpdateProfileInput, request.data)
        return Response(call_async(services.update_profile, actor=require_actor(request), **changes).as_wire())


class JwksView(APIView):
    """The local issuer's JWKS; 404 with Clerk, which publishes its own."""

    authentication_classes = []
    permission_classes = []

    @extend_schema(operation_id="jwks", auth=[], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        if not settings.LOCAL_ISSUER:
            raise NotFound
        return Response(local_issuer.jwks(), headers={"Cache-Control": "public, max-age=300"})
