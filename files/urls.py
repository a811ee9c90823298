"""URLs of the files' API."""

from django.urls import path, re_path

from . import upload_views, views
from .pictures import views as picture_views

urlpatterns = [
    path("api/users/me/picture", picture_views.MyPictureView.as_view(), name="my-picture"),
    path("api/users/<str:userId>/picture", picture_views.PictureView.as_view(), name="picture"),
    path("api/workspace/logo", picture_views.LogoView.as_view(), name="logo"),
    path("api/workspace/logo/<str:logoId>", picture_views.LogoImageView.as_view(), name="logo-image"),
    path("api/upload", views.UploadView.as_view(), name="upload"),
    path("api/uploads", upload_views.UploadsView.as_view(), name="uploads"),
    path("api/uploads/<str:upload_id>", upload_views.ResumableUploadView.as_view(), name="resumable-upload"),
    path("api/files", views.FilesView.as_view(), name="files"),
    path("api/files/metadata/<str:fileId>", views.FileMetadataView.as_view(), name="file-metadata"),
    path("api/files/<str:fileId>", views.FileView.as_view(), name="file"),
    re_path(
        r"^api/files/(?P<fileId>[^/]+)/thumbnails/(?P<side>[1-9][0-9]{0,3})$",
        views.ThumbnailView.as_view(),
        name="thumbnail",
    ),
]
