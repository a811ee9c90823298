"""URLs of the files' API."""

from django.urls import path

from . import views

urlpatterns = [
    path("api/upload", views.UploadView.as_view(), name="upload"),
    path("api/files", views.FilesView.as_view(), name="files"),
    path("api/files/metadata/<str:fileId>", views.FileMetadataView.as_view(), name="file-metadata"),
    path("api/files/<str:fileId>", views.FileView.as_view(), name="file"),
]
