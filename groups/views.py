"""The HTTP door to groups."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from foundation.api import body, serve
from foundation.validation import validated
from users import selectors as users
from users.authentication import require_actor

from . import selectors, serializers, services


class GroupsView(APIView):
    """The caller's groups; POST creates one."""

    serializer_class: type[Serializer[Any]] = serializers.CreateGroup

    @extend_schema(responses=serializers.GroupListShape)
    def get(self, request: Request) -> Response:
        groups = serve(selectors.list_groups, actor=require_actor(request))
        return Response({"groups": [group.as_wire() for group in groups]})

    @extend_schema(request=serializers.CreateGroup, responses={201: serializers.GroupShape})
    def post(self, request: Request) -> Response:
        data = validated(serializers.CreateGroup, request.data)
        group = serve(services.create_group, actor=require_actor(request), **data)
        return Response(group.as_wire(), status=201)


class DirectView(APIView):
    """The direct conversation with someone, made when there is none yet."""

    serializer_class: type[Serializer[Any]] = serializers.CreateDirect

    @extend_schema(request=serializers.CreateDirect, responses=serializers.GroupShape)
    def post(self, request: Request) -> Response:
        data = validated(serializers.CreateDirect, request.data)
        group = serve(services.create_direct, actor=require_actor(request), **data)
        return Response(group.as_wire())


class GroupView(APIView):
    """One group; PATCH renames it."""

    serializer_class: type[Serializer[Any]] = serializers.RenameGroup

    @extend_schema(responses=serializers.GroupShape)
    def get(self, request: Request, group_id: str) -> Response:
        data = validated(serializers.GroupRef, {"groupId": group_id})
        return Response(serve(selectors.get_group, actor=require_actor(request), **data).as_wire())

    @extend_schema(request=serializers.RenameGroup, responses=serializers.GroupShape)
    def patch(self, request: Request, group_id: str) -> Response:
        data = validated(serializers.RenameGroup, {**body(request), "groupId": group_id})
        return Response(serve(services.rename_group, actor=require_actor(request), **data).as_wire())


class MembersView(APIView):
    """The members of a group; POST adds some."""

    serializer_class: type[Serializer[Any]] = serializers.AddMembers

    @extend_schema(responses=serializers.MemberListShape)
    def get(self, request: Request, group_id: str) -> Response:
        return Response({"members": self.rows(request, group_id)})

    def rows(self, request: Request, group_id: str) -> list[dict[str, Any]]:
        """Return the members as the answer has them: [{userId, name, role, joinedAt}]."""
        data = validated(serializers.GroupRef, {"groupId": group_id})
        members = serve(selectors.list_members, actor=require_actor(request), **data)
        known = serve(users.get_users, user_ids=[member.user_id for member in members])
        return [
            {
                "userId": m.user_id,
                "name": known[m.user_id].name if m.user_id in known else m.user_id,
                "role": m.role,
                "joinedAt": m.joined_at,
            }
            for m in members
        ]

    @extend_schema(request=serializers.AddMembers, responses=serializers.AddedShape)
    def post(self, request: Request, group_id: str) -> Response:
        data = validated(serializers.AddMembers, {**body(request), "groupId": group_id})
        return Response({"added": serve(services.add_members, actor=require_actor(request), **data)})


class MemberView(APIView):
    """One member: PATCH changes the role, DELETE takes them out."""

    serializer_class: type[Serializer[Any]] = serializers.ChangeRole

    @extend_schema(request=serializers.ChangeRole, responses={204: None})
    def patch(self, request: Request, group_id: str, user_id: str) -> Response:
        data = validated(serializers.ChangeRole, {**body(request), "groupId": group_id, "userId": user_id})
        serve(services.change_role, actor=require_actor(request), **data)
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, group_id: str, user_id: str) -> Response:
        data = validated(serializers.MemberRef, {"groupId": group_id, "userId": user_id})
        serve(services.remove_member, actor=require_actor(request), **data)
        return Response(status=204)


class LeaveView(APIView):
    """POST: leave the group."""

    serializer_class: type[Serializer[Any]] = serializers.GroupRef

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, group_id: str) -> Response:
        data = validated(serializers.GroupRef, {"groupId": group_id})
        serve(services.leave_group, actor=require_actor(request), **data)
        return Response(status=204)
