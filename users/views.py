"""The HTTP door to users."""

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.api import serve
from foundation.errors import NotFound
from foundation.validation import validated

from . import local_issuer, selectors, services
from .authentication import require_actor
from .serializers import FindUsersInput, UpdateProfileInput, UserListSerializer, UserSerializer


class UsersView(APIView):
    """People on this server, in the order of their names."""

    @extend_schema(operation_id="users_list", parameters=[FindUsersInput], responses=UserListSerializer)
    def get(self, request: Request) -> Response:
        asked = validated(FindUsersInput, request.query_params.dict())
        users = serve(selectors.find_users, **asked)
        return Response({"users": [user.as_wire() for user in users]})


class UserView(APIView):
    """One of them."""

    @extend_schema(operation_id="users_read", responses=UserSerializer)
    def get(self, request: Request, user_id: str) -> Response:
        return Response(serve(selectors.get_user, user_id=user_id).as_wire())


class MeView(APIView):
    """Oneself."""

    @extend_schema(operation_id="me_read", responses=UserSerializer)
    def get(self, request: Request) -> Response:
        return Response(serve(selectors.get_user, user_id=require_actor(request).user_id).as_wire())

    @extend_schema(operation_id="me_update", request=UpdateProfileInput, responses=UserSerializer)
    def patch(self, request: Request) -> Response:
        changes = validated(UpdateProfileInput, request.data)
        return Response(serve(services.update_profile, actor=require_actor(request), **changes).as_wire())


class JwksView(APIView):
    """The local issuer's public key; with Clerk there is none here, for Clerk publishes its own."""

    authentication_classes = []
    permission_classes = []

    @extend_schema(operation_id="jwks", auth=[], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        if not settings.LOCAL_ISSUER:
            raise NotFound
        return Response(local_issuer.jwks(), headers={"Cache-Control": "public, max-age=300"})
