"""The HTTP door to messages."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from foundation.api import body, serve
from foundation.validation import validated
from users.authentication import require_actor

from . import selectors, serializers, services


class MessagesView(APIView):
    """A page of a group's messages; POST sends one."""

    serializer_class: type[Serializer[Any]] = serializers.SendMessage

    @extend_schema(parameters=[serializers.ListMessages], responses=serializers.PageShape)
    def get(self, request: Request) -> Response:
        data = validated(serializers.ListMessages, request.query_params.dict())
        page = serve(selectors.list_messages, actor=require_actor(request), **data)
        return Response({"messages": page.messages, "hasMore": page.has_more, "head": page.head})

    @extend_schema(request=serializers.SendMessage, responses={201: serializers.SentShape, 200: serializers.SentShape})
    def post(self, request: Request) -> Response:
        """Send a message; a retry with the same clientId answers 200 with the stored one and `duplicate: true`."""
        data = validated(serializers.SendMessage, request.data)
        sent = serve(services.send_message, actor=require_actor(request), **data)
        return Response(sent, status=200 if sent.get("duplicate") else 201)


class MessageView(APIView):
    """One message; PATCH edits it, DELETE takes its content for good."""

    serializer_class: type[Serializer[Any]] = serializers.EditMessage

    @extend_schema(responses=serializers.MessageShape)
    def get(self, request: Request, message_id: str) -> Response:
        data = validated(serializers.MessageRef, {"messageId": message_id})
        return Response(serve(selectors.get_message, actor=require_actor(request), **data))

    @extend_schema(request=serializers.EditMessage, responses=serializers.EditedShape)
    def patch(self, request: Request, message_id: str) -> Response:
        data = validated(serializers.EditMessage, {**body(request), "messageId": message_id})
        return Response(serve(services.edit_message, actor=require_actor(request), **data))

    @extend_schema(responses=serializers.DeletionShape)
    def delete(self, request: Request, message_id: str) -> Response:
        data = validated(serializers.MessageRef, {"messageId": message_id})
        return Response(serve(services.delete_message, actor=require_actor(request), **data))


class ReactionsView(APIView):
    """POST adds the caller's reaction or takes it back."""

    serializer_class: type[Serializer[Any]] = serializers.Reaction

    @extend_schema(request=serializers.Reaction, responses=serializers.ReactionsShape)
    def post(self, request: Request, message_id: str) -> Response:
        data = validated(serializers.Reaction, {**body(request), "messageId": message_id})
        return Response(serve(services.react, actor=require_actor(request), **data))


class ThreadView(APIView):
    """A message's thread: the message and a page of its replies."""

    @extend_schema(parameters=[serializers.ListThread], responses=serializers.ThreadShape)
    def get(self, request: Request, message_id: str) -> Response:
        data = validated(serializers.ListThread, {**request.query_params.dict(), "messageId": message_id})
        return Response(serve(selectors.list_thread, actor=require_actor(request), **data))


class ChangesView(APIView):
    """The changes of a group since a place in its log, for a client that polls or catches up."""

    @extend_schema(parameters=[serializers.ListChanges], responses=serializers.ChangesShape)
    def get(self, request: Request) -> Response:
        data = validated(serializers.ListChanges, request.query_params.dict())
        return Response(serve(selectors.list_changes, actor=require_actor(request), **data))


class ReadView(APIView):
    """POST moves the caller's read mark forward."""

    serializer_class: type[Serializer[Any]] = serializers.MarkRead

    @extend_schema(request=serializers.MarkRead, responses=serializers.ReadShape)
    def post(self, request: Request) -> Response:
        data = validated(serializers.MarkRead, request.data)
        return Response(serve(services.mark_read, actor=require_actor(request), **data))
