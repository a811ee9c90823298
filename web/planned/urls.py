from django.urls import path

from . import forms, views

urlpatterns = [
    path("planned", views.planned, name="planned"),
    path("groups/<str:group_id>/planned/new", views.new, name="plan"),
    path("groups/<str:group_id>/planned", forms.schedule, name="schedule"),
    path("planned/<str:scheduled_id>/change", forms.change_scheduled, name="change-scheduled"),
    path("planned/<str:scheduled_id>/cancel", forms.cancel_scheduled, name="cancel-scheduled"),
    path("groups/<str:group_id>/messages/<str:message_id>/remind/when", views.choose, name="choose-reminder"),
    path("groups/<str:group_id>/messages/<str:message_id>/remind", forms.remind, name="remind"),
    path("reminders/<str:reminder_id>/cancel", forms.cancel_reminder, name="cancel-reminder"),
]
