from django.urls import path

from . import forms, views

urlpatterns = [
    path("people", views.people, name="people"),
    path("people/<str:user_id>", views.person, name="person"),
    path("profile", views.profile, name="profile"),
    path("profile/privacy", forms.set_privacy, name="profile-privacy"),
    path("profile/status", forms.set_status, name="profile-status"),
    path("profile/status/clear", forms.clear_status, name="profile-status-clear"),
    path("profile/picture", forms.set_picture, name="profile-picture"),
    path("profile/picture/remove", forms.remove_picture, name="profile-picture-remove"),
]
