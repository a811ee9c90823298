"""URLs of notifications, relative to the server's root."""

from django.urls import path

from . import views

urlpatterns = [
    path("api/notifications/settings", views.NotificationSettingsView.as_view(), name="notification-settings"),
    path("api/notifications/devices", views.DevicesView.as_view(), name="devices"),
    path("api/notifications/devices/<str:deviceId>", views.DeviceView.as_view(), name="device"),
    path("api/notifications/test", views.TestView.as_view(), name="notification-test"),
    path("api/notifications/why", views.WhyView.as_view(), name="notification-why"),
]
