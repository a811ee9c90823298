"""HTTP views of groups and members."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from foundation.api import call_async, call_unhurried, request_data
from foundation.validation import validated
from users import selectors as users
from users.authentication import require_actor

from . import selectors, serializers, services


class GroupsView(APIView):
    """A page of the caller's groups; POST creates one."""

    serializer_class: type[Serializer[Any]] = serializers.CreateGroupInput

    @extend_schema(parameters=[serializers.ListGroupsInput], responses=serializers.GroupListSerializer)
    def get(self, request: Request) -> Response:
        data = validated(serializers.ListGroupsInput, request.query_params.dict())
        return Response(call_async(selectors.list_groups, actor=require_actor(request), **data).as_wire())

    @extend_schema(request=serializers.CreateGroupInput, responses={201: serializers.GroupSerializer})
    def post(self, request: Request) -> Response:
        data = validated(serializers.CreateGroupInput, request.data)
        group = call_unhurried(services.create_group, actor=require_actor(request), **data)
        return Response(group.as_wire(), status=201)


class DirectView(APIView):
    """The direct conversation with someone, made when there is none yet."""

    serializer_class: type[Serializer[Any]] = serializers.CreateDirectInput

    @extend_schema(request=serializers.CreateDirectInput, responses=serializers.GroupSerializer)
    def post(self, request: Request) -> Response:
        data = validated(serializers.CreateDirectInput, request.data)
        group = call_async(services.create_direct, actor=require_actor(request), **data)
        return Response(group.as_wire())


class GroupView(APIView):
    """One group; PATCH renames it."""

    serializer_class: type[Serializer[Any]] = serializers.RenameGroupInput

    @extend_schema(responses=serializers.GroupSerializer)
    def get(self, request: Request, group_id: str) -> Response:
        data = validated(serializers.GroupRefInput, {"groupId": group_id})
        return Response(call_async(selectors.get_group, actor=require_actor(request), **data).as_wire())

    @extend_schema(request=serializers.RenameGroupInput, responses=serializers.GroupSerializer)
    def patch(self, request: Request, group_id: str) -> Response:
        data = validated(serializers.RenameGroupInput, {**request_data(request), "groupId": group_id})
        return Response(call_async(services.rename_group, actor=require_actor(request), **data).as_wire())


class MembersView(APIView):
    """A page of a group's members; POST adds some."""

    serializer_class: type[Serializer[Any]] = serializers.AddMembersInput

    @extend_schema(parameters=[serializers.ListMembersInput], responses=serializers.MemberListSerializer)
    def get(self, request: Request, group_id: str) -> Response:
        return Response(self.page(request, group_id))

    def page(self, request: Request, group_id: str) -> dict[str, Any]:
        """Return a page in wire form: {members: [{userId, name, role, joinedAt}], nextCursor?}."""
        data = validated(serializers.ListMembersInput, {**request.query_params.dict(), "groupId": group_id})
        page = call_async(selectors.list_members, actor=require_actor(request), **data)
        profiles = call_async(users.get_users, user_ids=[member.user_id for member in page.members])
        members = [
            {
                "userId": m.user_id,
                "name": profiles[m.user_id].name if m.user_id in profiles else m.user_id,
                "role": m.role,
                "joinedAt": m.joined_at,
            }
            for m in page.members
        ]
        return {"members": members, **({"nextCursor": page.next_cursor} if page.next_cursor else {})}

    @extend_schema(request=serializers.AddMembersInput, responses=serializers.AddedSerializer)
    def post(self, request: Request, group_id: str) -> Response:
        data = validated(serializers.AddMembersInput, {**request_data(request), "groupId": group_id})
        return Response({"added": call_unhurried(services.add_members, actor=require_actor(request), **data)})


class MemberView(APIView):
    """One member: PATCH changes the role, DELETE takes them out."""

    serializer_class: type[Serializer[Any]] = serializers.ChangeRoleInput

    @extend_schema(request=serializers.ChangeRoleInput, responses={204: None})
    def patch(self, request: Request, group_id: str, user_id: str) -> Response:
        data = validated(serializers.ChangeRoleInput, {**request_data(request), "groupId": group_id, "userId": user_id})
        call_async(services.change_role, actor=require_actor(request), **data)
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, group_id: str, user_id: str) -> Response:
        data = validated(serializers.MemberRefInput, {"groupId": group_id, "userId": user_id})
        call_async(services.remove_member, actor=require_actor(request), **data)
        return Response(status=204)


class LeaveView(APIView):
    """POST: leave the group."""

    serializer_class: type[Serializer[Any]] = serializers.GroupRefInput

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, group_id: str) -> Response:
        data = validated(serializers.GroupRefInput, {"groupId": group_id})
        call_async(services.leave_group, actor=require_actor(request), **data)
        return Response(status=204)


class RejoinView(APIView):
    """POST: come back to a group that one has left, after an owner or admin there has asked."""

    serializer_class: type[Serializer[Any]] = serializers.GroupRefInput

    @extend_schema(request=None, responses=serializers.GroupSerializer)
    def post(self, request: Request, group_id: str) -> Response:
        data = validated(serializers.GroupRefInput, {"groupId": group_id})
        return Response(call_async(services.rejoin_group, actor=require_actor(request), **data).as_wire())
