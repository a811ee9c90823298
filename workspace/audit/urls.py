"""URLs of the audit log, relative to the server's root."""

from django.urls import path

from . import views

urlpatterns = [
    path("api/workspace/audit", views.AuditView.as_view(), name="audit"),
    path("api/workspace/audit/export", views.AuditExportView.as_view(), name="audit-export"),
]
