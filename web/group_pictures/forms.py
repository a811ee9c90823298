"""The forms of a group's picture, in the panel of its members."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse

from files.pictures import services
from files.pictures.incoming import sent_picture
from files.pictures.serializers import SetGroupPictureInput
from foundation.errors import Invalid
from foundation.validation import validated
from groups.serializers import GroupRefInput
from users.actor import Actor
from web.forms import form, redirect_to, validated_input
from web.people.content import members_panel


@form(panel=members_panel)
async def set_picture(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Invalid("Choose a picture.")
    with file:
        data = validated(SetGroupPictureInput, {"groupId": group_id, "file": file})
        await services.set_group_picture(actor=actor, group_id=data["group_id"], picture=sent_picture(file))
    return redirect_to("members", group_id)


@form(panel=members_panel)
async def remove_picture(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    await services.remove_group_picture(actor=actor, **validated_input(GroupRefInput, request, groupId=group_id))
    return redirect_to("members", group_id)
