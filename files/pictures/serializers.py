"""The shapes of requests about pictures."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation.fields import Choice, Id, Text, WholeNumber

from .services import SIDES

_MAX_SIDE = 100_000


@extend_schema_field({"type": "string", "format": "binary"})
class PictureField(serializers.FileField):
    """A picture; what it is, its content says."""


class SetPictureInput(serializers.Serializer[Any]):
    """A picture, and in pixels of it as it is seen the square that is cut out: the largest in the middle by default."""

    file = PictureField(help_text="A JPEG, PNG, WebP, GIF or AVIF.", allow_empty_file=True)
    left = WholeNumber(required=False, max_value=_MAX_SIDE)
    top = WholeNumber(required=False, max_value=_MAX_SIDE)
    side = WholeNumber(required=False, min_value=1, max_value=_MAX_SIDE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return {file, square?}: the three numbers of a square are all there, or none is."""
        numbers = [attrs[name] for name in ("left", "top", "side") if name in attrs]
        if len(numbers) not in (0, 3):
            raise serializers.ValidationError({"side": "A square has left, top and side."})
        return {"file": attrs["file"], **({"square": tuple(numbers)} if numbers else {})}


class LogoRefInput(serializers.Serializer[Any]):
    logoId = Id(source="logo_id")
    size = Choice(choices=[str(side) for side in SIDES], required=False, help_text="In pixels; 256 if not given.")


class PictureRefInput(serializers.Serializer[Any]):
    userId = Id(source="user_id")
    size = Choice(choices=[str(side) for side in SIDES], required=False, help_text="In pixels; 256 if not given.")
    v = Text(required=False, max_length=64, allow_blank=True, help_text="As `imageUrl` has it; it chooses nothing.")
