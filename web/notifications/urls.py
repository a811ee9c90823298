from django.urls import path

from . import forms, views

urlpatterns = [
    path("notifications", views.notifications, name="notifications"),
    path("notifications/save", forms.save, name="notifications-save"),
    path("notifications/devices/remove", forms.remove, name="notifications-remove"),
    path("notifications/test", forms.test, name="notifications-test"),
    path("groups/<str:group_id>/messages/<str:message_id>/why", views.why, name="why"),
    path("service-worker.js", views.service_worker, name="service-worker"),
]
