"""URLs of reports, cases and notices, relative to the server's root."""

from django.urls import path

from . import views

urlpatterns = [
    path("api/reports", views.ReportsView.as_view(), name="reports"),
    path("api/workspace/reports", views.CasesView.as_view(), name="cases"),
    path("api/workspace/reports/<str:caseId>", views.CaseView.as_view(), name="case"),
    path("api/workspace/reports/<str:caseId>/decision", views.DecisionView.as_view(), name="case-decision"),
    path("api/notices", views.NoticesView.as_view(), name="notices"),
    path("api/notices/<str:noticeId>/read", views.NoticeView.as_view(), name="notice-read"),
]
