from django.urls import path

from . import forms, views

urlpatterns = [
    path("groups/<str:group_id>/messages/<str:message_id>/report", views.report_message, name="report"),
    path("people/<str:user_id>/report", views.report_person, name="report-person"),
    path("reports", views.cases, name="reports"),
    path("reports/<str:case_id>", views.case, name="case"),
    path("reports/<str:case_id>/decide", forms.decide, name="decide"),
    path("notices", views.notices, name="notices"),
    path("notices/<str:notice_id>/read", forms.read_notice, name="read-notice"),
]
