"""Describes one operation for drf-spectacular, by what its view's method is declared as."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_parameter_type, get_doc
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from foundation.fields import Text
from foundation.operations import Operation, SerializerClass, operation_of, takes_body, without_fields

from .errors import error_responses
from .headers import headers_of

Schema = dict[str, Any]

# By the first word of an operation's name; else it is that word.
TAGS = {
    "members": "groups",
    "sections": "groups",
    "team": "teams",
    "blocked": "users",
    "drafts": "messages",
    "saved": "messages",
    "scheduled": "messages",
    "reminders": "messages",
    "upload": "files",
    "me": "users",
    "jwks": "users",
}


class ApiSchema(AutoSchema):
    """What an operation does not declare is as `extend_schema` says, and as drf-spectacular finds it."""

    @property
    def declared(self) -> Operation | None:
        return operation_of(self.view, self.method)

    def get_operation(self, *args: Any) -> Schema | None:
        operation: Schema | None = super().get_operation(*args)
        if operation is not None:
            # That of the whole document, without which an operation for anybody would seem to have been forgotten.
            operation.setdefault("security", [])
            for status, response in error_responses(self, operation).items():
                operation["responses"].setdefault(status, response)
        return operation

    def get_operation_id(self) -> str:
        return self.declared.id if self.declared else str(super().get_operation_id())

    def get_summary(self) -> str:
        """Return the first sentence of the method's docstring."""
        return str(self.get_description()).partition("\n")[0].rstrip(".")

    def get_description(self) -> str:  # type: ignore[override] # as drf-spectacular's own
        doc: str = get_doc(getattr(self.view, self.method.lower(), None)) or get_doc(type(self.view))
        return doc

    def get_tags(self) -> list[str]:
        word = self.get_operation_id().partition("_")[0]
        return [TAGS.get(word, word)]

    def get_request_serializer(self) -> Any:
        if self.declared is None:
            return super().get_request_serializer()
        return self._input_beside_path() if takes_body(self.method) else None

    def get_response_serializers(self) -> Any:
        if self.declared is None:
            return super().get_response_serializers()
        responses: dict[int, SerializerClass | None] = dict.fromkeys(self.declared.statuses, self.declared.output)
        return {**responses, 304: None} if self.method == "GET" else responses

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = [*super().get_override_parameters(), *headers_of(self.view, self.method)]
        if self.declared:
            query = self.declared.query if takes_body(self.method) else self._input_beside_path()
            parameters += [query] if query else []
        return parameters

    def _input_beside_path(self) -> SerializerClass | None:
        declared = self.declared
        if declared is None or declared.input is None:
            return None
        return without_fields(declared.input, frozenset(self._path_variables()))

    def _path_variables(self) -> list[str]:
        return [part.strip("{}") for part in self.path.split("/") if part.startswith("{")]

    def _resolve_path_parameters(self, variables: list[str]) -> list[Schema]:
        declared = self.declared
        if declared is None or declared.input is None:
            return list(super()._resolve_path_parameters(variables))  # type: ignore[no-untyped-call]
        fields = declared.input().fields
        return [
            build_parameter_type(
                name=name,
                location=OpenApiParameter.PATH,
                schema=self._map_serializer_field(fields[name], "request"),
            )
            for name in variables
        ]

    def _get_serializer_field_meta(self, field: Any, direction: str) -> Schema:
        meta: Schema = super()._get_serializer_field_meta(field, direction)  # type: ignore[no-untyped-call]
        # Input alone: what is put out may be empty, such as the content of a deleted message.
        if isinstance(field, Text) and not field.allow_blank:
            meta["minLength"] = 1
        return meta

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        limit = getattr(field, "max_length", None)
        if isinstance(field, serializers.DictField) and limit is not None:
            schema["maxProperties"] = limit
        if isinstance(field, serializers.ListField) and not field.allow_empty:
            schema["minItems"] = 1
        return schema
