from django.urls import path

from . import views

urlpatterns = [
    path("direct/new", views.new_direct, name="new-direct"),
]
