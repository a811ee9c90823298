"""HTTP views of messages."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from foundation.api import call_async, request_data
from foundation.validation import validated
from users.authentication import require_actor

from . import selectors, serializers, services


class MessagesView(APIView):
    """A page of a group's messages; POST sends one."""

    serializer_class: type[Serializer[Any]] = serializers.SendMessageInput

    @extend_schema(parameters=[serializers.ListMessagesInput], responses=serializers.PageSerializer)
    def get(self, request: Request) -> Response:
        data = validated(serializers.ListMessagesInput, request.query_params.dict())
        page = call_async(selectors.list_messages, actor=require_actor(request), **data)
        return Response({"messages": page.messages, "hasMore": page.has_more, "head": page.head})

    @extend_schema(
        request=serializers.SendMessageInput,
        responses={201: serializers.SentSerializer, 200: serializers.SentSerializer},
    )
    def post(self, request: Request) -> Response:
        """Send a message; a retry with the same clientId gets 200, the stored message and `duplicate: true`."""
        data = validated(serializers.SendMessageInput, request.data)
        sent = call_async(services.send_message, actor=require_actor(request), **data)
        return Response(sent, status=200 if sent.get("duplicate") else 201)


class MessageView(APIView):
    """One message; PATCH edits it, DELETE deletes it for good."""

    serializer_class: type[Serializer[Any]] = serializers.EditMessageInput

    @extend_schema(responses=serializers.MessageSerializer)
    def get(self, request: Request, message_id: str) -> Response:
        data = validated(serializers.MessageRefInput, {"messageId": message_id})
        return Response(call_async(selectors.get_message, actor=require_actor(request), **data))

    @extend_schema(request=serializers.EditMessageInput, responses=serializers.EditedSerializer)
    def patch(self, request: Request, message_id: str) -> Response:
        data = validated(serializers.EditMessageInput, {**request_data(request), "messageId": message_id})
        return Response(call_async(services.edit_message, actor=require_actor(request), **data))

    @extend_schema(responses=serializers.DeletionSerializer)
    def delete(self, request: Request, message_id: str) -> Response:
        data = validated(serializers.MessageRefInput, {"messageId": message_id})
        return Response(call_async(services.delete_message, actor=require_actor(request), **data))


class ReactionsView(APIView):
    """POST adds or removes the caller's reaction."""

    serializer_class: type[Serializer[Any]] = serializers.ReactionInput

    @extend_schema(request=serializers.ReactionInput, responses=serializers.ReactionsSerializer)
    def post(self, request: Request, message_id: str) -> Response:
        data = validated(serializers.ReactionInput, {**request_data(request), "messageId": message_id})
        return Response(call_async(services.react, actor=require_actor(request), **data))


class ThreadView(APIView):
    """A message's thread: the message and a page of its replies."""

    @extend_schema(parameters=[serializers.ListThreadInput], responses=serializers.ThreadSerializer)
    def get(self, request: Request, message_id: str) -> Response:
        data = validated(serializers.ListThreadInput, {**request.query_params.dict(), "messageId": message_id})
        return Response(call_async(selectors.list_thread, actor=require_actor(request), **data))


class ChangesView(APIView):
    """The changes of a group since a place in its log, for a client that polls or catches up."""

    @extend_schema(parameters=[serializers.ListChangesInput], responses=serializers.ChangesSerializer)
    def get(self, request: Request) -> Response:
        data = validated(serializers.ListChangesInput, request.query_params.dict())
        return Response(call_async(selectors.list_changes, actor=require_actor(request), **data))


class ReadView(APIView):
    """POST moves the caller's read mark forward."""

    serializer_class: type[Serializer[Any]] = serializers.MarkReadInput

    @extend_schema(request=serializers.MarkReadInput, responses=serializers.ReadSerializer)
    def post(self, request: Request) -> Response:
        data = validated(serializers.MarkReadInput, request.data)
        return Response(call_async(services.mark_read, actor=require_actor(request), **data))
