"""The shapes of requests and responses about files."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.datastructures import MultiValueDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from foundation.fields import Choice, Cursor, Id, Text, WholeNumber

from .kinds import KINDS


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "string", "format": "binary"},
        "minItems": 1,
        "maxItems": settings.MAX_ATTACHMENTS,
    }
)
class FileListField(serializers.FileField):
    """One or several files under one name; derived from FileField for the file input of the browsable API."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, **kwargs)

    def get_value(self, dictionary: Any) -> Any:
        if not isinstance(dictionary, MultiValueDict):
            return dictionary.get(self.field_name, empty)
        return dictionary.getlist(self.field_name or "") or empty

    def to_internal_value(self, data: Any) -> list[Any]:  # type: ignore[override]
        files = data if isinstance(data, list) else [data]
        return [super(FileListField, self).to_internal_value(file) for file in files]


class UploadTargetInput(serializers.Serializer[Any]):
    groupId = Id(source="group_id", help_text="The group that the files are for.")


class UploadInput(UploadTargetInput):
    file = FileListField(source="files", help_text="One file, or several under this same name.")


class BeginUploadInput(serializers.Serializer[Any]):
    """What `Upload-Metadata` and `Upload-Length` say of an upload that may be resumed."""

    groupId = Id(source="group_id")
    filename = Text(source="name", required=False, default="", allow_blank=True, max_length=2000)
    filetype = Text(source="content_type", required=False, default="", allow_blank=True, max_length=500)
    length = WholeNumber()


class FileCursor(Cursor):
    """The `nextCursor` of a page of files; the value is the time and the id of the page's last file."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(parts=2, **kwargs)

    def to_internal_value(self, data: Any) -> tuple[datetime, str]:  # type: ignore[override]
        uploaded_at, file_id = super().to_internal_value(data)
        try:
            return datetime.fromisoformat(uploaded_at), file_id
        except ValueError:
            self.fail("cursor")


class ListFilesInput(serializers.Serializer[Any]):
    groupId = Id(source="group_id")
    limit = WholeNumber(required=False, min_value=1, max_value=100, help_text="50 if not given.")
    cursor = FileCursor(required=False)
    type = Choice(source="kind", choices=KINDS, required=False, help_text="Files of this kind alone.")
    before = Id(
        required=False,
        help_text="A file's id: the page begins after it. Unlike the cursor, it is not found once the file is deleted.",
    )


class ThumbnailSerializer(serializers.Serializer[Any]):
    """A smaller picture of an image, a still one: a WebP."""

    url = serializers.CharField(help_text="Where it is, from this server's root.")
    width = serializers.IntegerField(help_text="In pixels.")
    height = serializers.IntegerField()


class FileRefInput(serializers.Serializer[Any]):
    fileId = Id(source="file_id")


class ThumbnailRefInput(FileRefInput):
    side = WholeNumber(min_value=1, max_value=10_000, help_text="The longest side in pixels.")


class FileMetadataSerializer(serializers.Serializer[Any]):
    uploadedBy = serializers.CharField(help_text="A user's id.")
    uploadedAt = serializers.DateTimeField()
    groupId = serializers.CharField()
    sha256 = serializers.CharField()
    width = serializers.IntegerField(required=False, help_text="Images only, in pixels, upright.")
    height = serializers.IntegerField(required=False)
    thumbnails = ThumbnailSerializer(many=True, required=False, help_text="Images only, the smallest first.")
    charset = serializers.CharField(required=False, help_text="Texts only.")


class FileReferenceSerializer(serializers.Serializer[Any]):
    """A stored file."""

    id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField(help_text="The content type, without parameters.")
    size = serializers.IntegerField(help_text="In bytes.")
    url = serializers.CharField(help_text="Where it is downloaded, from this server's root.")
    metadata = FileMetadataSerializer()


class UploadedSerializer(serializers.Serializer[Any]):
    files = FileReferenceSerializer(many=True)
    file = FileReferenceSerializer(required=False, help_text="The file, when there is only one.")


class FilePageSerializer(serializers.Serializer[Any]):
    files = FileReferenceSerializer(many=True)
    hasMore = serializers.BooleanField()
    nextCursor = serializers.CharField(required=False, help_text="Of the next page, if there is one.")


BINARY = OpenApiTypes.BINARY
