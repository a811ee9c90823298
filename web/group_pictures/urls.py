from django.urls import path

from . import forms

_PICTURE = "groups/<str:group_id>/picture"

urlpatterns = [
    path(_PICTURE, forms.set_picture, name="group-picture"),
    path(f"{_PICTURE}/remove", forms.remove_picture, name="group-picture-remove"),
]
