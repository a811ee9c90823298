from django.urls import path

from . import forms, views

_LINKS = "groups/<str:group_id>/invitations"

urlpatterns = [
    path(_LINKS, views.links, name="invitation-links"),
    path(f"{_LINKS}/make", forms.make_link, name="make-invitation-link"),
    path(f"{_LINKS}/<str:link_id>/revoke", forms.revoke_link, name="revoke-invitation-link"),
    path(f"{_LINKS}/withdraw", forms.withdraw, name="withdraw-invitation"),
    path("invite", views.invited, name="invited"),
    path("invitations", views.mine, name="my-invitations"),
    path("invitations/<str:asking>/decline", forms.decline, name="decline-invitation"),
]
