from django.urls import path

from . import forms

urlpatterns = [path("language", forms.choose, name="language")]
