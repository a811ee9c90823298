from django.urls import path

from . import forms

urlpatterns = [path("groups/<str:group_id>/me", forms.save, name="own-settings")]
