from django.urls import path

from . import forms, views

urlpatterns = [
    path("sections", views.sections, name="sections"),
    path("sections/change", forms.change, name="change-sections"),
]
