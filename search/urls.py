"""The URL of search, relative to the server's root."""

from django.urls import path

from .views import SearchView

urlpatterns = [path("api/search", SearchView.as_view(), name="search")]
