"""All pages and forms of the web chat, as in `api`; a form's answer is known by its status."""

from tests.times import in_a_day

from .door import PUBLIC, Door

SHOWN, SENT = "200", "302"
_NONE, _REFUSED, _WRONG = "404", "403", "400"
_GROUP, _MESSAGE, _THREAD = "/groups/$group", "/groups/$group/messages/$message", "/groups/$group/threads/$message"
_PERSON, _TEAM = "/workspace/people/$user", "/teams/$team"


def _page(path: str, outsider: str = _NONE, guest: str = _NONE, blocked: str | None = None, **form: str) -> Door:
    return Door(path, outsider, guest, form, deactivated=_REFUSED, blocked=blocked)


def _public(path: str) -> Door:
    return Door(path, PUBLIC, PUBLIC, {}, deactivated=PUBLIC)


OF_GROUPS = {
    "GET group": _page(_GROUP),
    "POST mark-read": _page(f"{_GROUP}/read", seq="1"),
    "POST send": _page(f"{_GROUP}/messages", content="let me in"),
    "POST preview": _page(f"{_GROUP}/preview", content="*look*"),
    "POST command": _page(f"{_GROUP}/command", content="/topic mine"),
    "GET permalink": _page("/groups/$group/messages/$seq"),
    "GET edit": _page(f"{_MESSAGE}/edit"),
    "POST edit": _page(f"{_MESSAGE}/edit", content="mine now"),
    "GET delete": _page(f"{_MESSAGE}/delete"),
    "POST delete": _page(f"{_MESSAGE}/delete"),
    "POST mark-unread": _page(f"{_MESSAGE}/unread"),
    "GET thread": _page(_THREAD),
    "POST read-thread": _page(f"{_THREAD}/read", seq="1"),
    "POST follow": _page(f"{_THREAD}/follow"),
    "POST unfollow": _page(f"{_THREAD}/unfollow"),
    "GET history": _page(f"{_MESSAGE}/history"),
    "GET react": _page(f"{_MESSAGE}/reaction"),
    "POST add-reaction": _page(f"{_MESSAGE}/reaction/add", emoji="x"),
    "POST remove-reaction": _page(f"{_MESSAGE}/reaction/remove", emoji="x"),
    "GET quote": _page(f"{_MESSAGE}/quote"),
    "GET forward": _page(f"{_MESSAGE}/forward"),
    "POST forward": _page(f"{_MESSAGE}/forward", groupId="$group"),
    "GET pins": _page(f"{_GROUP}/pins"),
    "POST pin": _page(f"{_MESSAGE}/pin", action="add"),
    "POST save": _page(f"{_MESSAGE}/saved", action="add"),
    "GET members": _page(f"{_GROUP}/members"),
    "POST add-member": _page(f"{_GROUP}/members/add", userId="$user"),
    "POST remove-member": _page(f"{_GROUP}/members/remove", userId="$user"),
    "POST role": _page(f"{_GROUP}/members/role", userId="$user", role="member"),
    "GET ask-for-owner": _page(f"{_GROUP}/members/$user/owner"),
    "POST leave": _page(f"{_GROUP}/leave"),
    # It asks of any group, and names none.
    "GET rejoin": _page(f"{_GROUP}/rejoin", SHOWN, SHOWN),
    "POST rejoin": _page(f"{_GROUP}/rejoin"),
    "POST rename": _page(f"{_GROUP}/rename", name="Mine"),
    "POST own-settings": _page(f"{_GROUP}/me", favourite="true"),
    "POST group-picture": _page(f"{_GROUP}/picture", file="pixel"),
    "POST group-picture-remove": _page(f"{_GROUP}/picture/remove"),
    "GET delete-group": _page(f"{_GROUP}/delete"),
    "POST delete-group": _page(f"{_GROUP}/delete", name="$title"),
    "GET invitation-links": _page(f"{_GROUP}/invitations"),
    "POST make-invitation-link": _page(f"{_GROUP}/invitations/make", uses="1"),
    "POST revoke-invitation-link": _page(f"{_GROUP}/invitations/$link/revoke"),
    "POST withdraw-invitation": _page(f"{_GROUP}/invitations/withdraw", userId="$user"),
    # A guest is refused the directory, which would say what is wrong, whatever the group.
    "POST join-group": _page(f"{_GROUP}/join", _NONE, _REFUSED),
    "GET group-settings": _page(f"{_GROUP}/settings"),
    "POST group-settings": _page(f"{_GROUP}/settings", topic="Mine"),
    "POST group-rules": _page(f"{_GROUP}/settings/rules", visibility="public"),
    "POST group-archive": _page(f"{_GROUP}/settings/archive", archived="true"),
    "GET report": _page(f"{_MESSAGE}/report"),
    "POST report": _page(f"{_MESSAGE}/report", reason="spam"),
}
OF_PEOPLE = {
    "POST create-group": _page("/groups", SENT, _REFUSED, name="x"),
    "POST create-direct": _page("/direct", SENT, _WRONG, blocked=_REFUSED, userId="$user"),
    "GET new-direct": _page("/direct/new?with=$user&search=$name", SHOWN, SHOWN),
    "GET people": _page("/people?search=$name", SHOWN, SHOWN),
    "GET person": _page("/people/$user", SHOWN, _NONE),
    "GET report-person": _page("/people/$user/report", SHOWN, _NONE),
    "POST report-person": _page("/people/$user/report", SHOWN, _NONE, reason="spam"),
    "GET directory": _page("/directory?q=$title", SHOWN, _REFUSED),
    "GET teams": _page("/teams?search=$handle", SHOWN, SHOWN),
    "POST teams": _page("/teams", _REFUSED, _REFUSED, name="x", handle="$free"),
    "GET team": _page(_TEAM, SHOWN, _NONE),
    "POST team-change": _page(f"{_TEAM}/change", _REFUSED, _NONE, name="Mine", handle="$free"),
    "POST team-delete": _page(f"{_TEAM}/delete", _REFUSED, _NONE),
    "POST team-add": _page(f"{_TEAM}/add", _REFUSED, _NONE, userId="$user"),
    "POST team-remove": _page(f"{_TEAM}/remove", _REFUSED, _NONE, userId="$user"),
    "POST team-role": _page(f"{_TEAM}/role", _REFUSED, _NONE, userId="$user", role="member"),
    "GET blocked": _page("/profile/blocked", SHOWN, SHOWN),
    "POST block": _page("/profile/blocked/add", SENT, _NONE, userId="$user"),
    "POST unblock": _page("/profile/blocked/remove", SENT, _NONE, userId="$user"),
}
OF_ONESELF = {
    "GET commands": _page("/commands", SHOWN, SHOWN),
    "GET home": _page("/?list", SHOWN, SHOWN),
    "GET threads": _page("/threads", SHOWN, SHOWN),
    "GET inbox": _page("/inbox", SHOWN, SHOWN),
    "GET unread": _page("/unread?ask", SHOWN, SHOWN),
    "POST read-places": _page("/unread/read", places="$group:1"),
    "POST read-inbox": _page("/inbox/read", SENT, SENT, itemIds="$message"),
    "GET saved": _page("/saved", SHOWN, SHOWN),
    "GET sections": _page("/sections", SHOWN, SHOWN),
    "POST change-sections": _page("/sections/change", SENT, SENT, act="add", name="x", version="0"),
    "GET profile": _page("/profile", SHOWN, SHOWN),
    "POST profile": _page("/profile", SENT, SENT, title="x"),
    "GET settings": _page("/settings", SHOWN, SHOWN),
    "POST settings": _page("/settings", SENT, SENT, theme="system"),
    "POST profile-privacy": _page("/profile/privacy", SENT, SENT, addableBy="everyone"),
    "POST profile-status": _page("/profile/status", SENT, SENT, text="x"),
    "POST profile-status-clear": _page("/profile/status/clear", SENT, SENT),
    "POST profile-picture": _page("/profile/picture", SENT, SENT, file="pixel"),
    "POST profile-picture-remove": _page("/profile/picture/remove", SENT, SENT),
    "GET invited": _page("/invite?link=$group~$link.x", _NONE, _NONE),
    "POST invited": _page("/invite", link="$group~$link.x"),
    "GET my-invitations": _page("/invitations", SHOWN, SHOWN),
    "POST decline-invitation": _page("/invitations/$group/decline", SENT, SENT),
    "GET notices": _page("/notices", SHOWN, SHOWN),
    "POST read-notice": _page("/notices/$notice/read"),
}
OF_PLANS = {
    "GET planned": _page("/planned", SHOWN, SHOWN),
    "GET plan": _page(f"{_GROUP}/planned/new"),
    "POST schedule": _page(f"{_GROUP}/planned", content="<@$user> look", at=in_a_day()),
    "POST change-scheduled": _page("/planned/$scheduled/change", content="mine now"),
    "POST cancel-scheduled": _page("/planned/$scheduled/cancel"),
    "GET choose-reminder": _page(f"{_MESSAGE}/remind/when"),
    "POST remind": _page(f"{_MESSAGE}/remind", when="1_hour"),
    "POST cancel-reminder": _page("/reminders/$reminder/cancel"),
    "GET notifications": _page("/notifications", SHOWN, SHOWN),
    "POST notifications-save": _page("/notifications/save", SENT, SENT, push="true"),
    "POST notifications-remove": _page("/notifications/devices/remove", deviceId="$device"),
    # There is no device.
    "POST notifications-test": _page("/notifications/test"),
    "GET why": _page(f"{_MESSAGE}/why"),
    "GET service-worker": _public("/service-worker.js"),
    # A guest knows nobody who is called so.
    "GET search": _page("/search?q=between from:$user", SHOWN, _WRONG),
}
OF_THE_WORKSPACE = {
    "GET workspace": _page("/workspace", SHOWN, SHOWN),
    "POST workspace-settings": _page("/workspace/settings", _REFUSED, _REFUSED, name="Mine"),
    "POST workspace-invite": _page("/workspace/invite", _REFUSED, _REFUSED, role="guest"),
    "POST workspace-logo": _page("/workspace/logo", _REFUSED, _REFUSED, file="pixel"),
    "POST workspace-logo-remove": _page("/workspace/logo/remove", _REFUSED, _REFUSED),
    "POST workspace-role": _page(f"{_PERSON}/role", _REFUSED, _REFUSED, role="guest"),
    "POST workspace-deactivate": _page(f"{_PERSON}/deactivate", _REFUSED, _REFUSED),
    "POST workspace-reactivate": _page(f"{_PERSON}/reactivate", _REFUSED, _REFUSED),
    "POST workspace-remove": _page(f"{_PERSON}/remove", _REFUSED, _REFUSED, sure="on"),
    "GET audit": _page("/audit", _REFUSED, _REFUSED),
    "GET reports": _page("/reports", _REFUSED, _REFUSED),
    "GET case": _page("/reports/$case", _REFUSED, _REFUSED),
    "POST decide": _page("/reports/$case/decide", _REFUSED, _REFUSED, decision="keep"),
    # Open to a bearer of HEALTH_TOKEN too: who has signed in is looked at, and refused, there.
    "GET status": _page("/status", _REFUSED, _REFUSED),
    "POST status": _page("/status", _REFUSED, _REFUSED, token="x"),
}
OF_ACCOUNTS = {
    # One's own. The password is wrong: what these do when it is right is tested with accounts.
    "GET account": _page("/account", SHOWN, SHOWN),
    "POST account-password": _page("/account/password", _WRONG, _WRONG, currentPassword="x", newPassword="a long one"),
    "POST account-totp": _page("/account/totp", _WRONG, _WRONG, password="x"),
    "POST account-totp-confirm": _page("/account/totp/confirm", code="123456"),
    "POST account-totp-disable": _page("/account/totp/disable", _WRONG, _WRONG, password="x", code="123456"),
    "POST account-recovery-codes": _page("/account/recovery-codes", _WRONG, _WRONG, password="x"),
    "POST account-end-session": _page("/account/sessions/$session/end"),
    "POST account-end-sessions": _page("/account/sessions/end", SENT, SENT),
    "POST account-passkeys": _page("/account/passkeys", _WRONG, _WRONG, credential="{}", name="x"),
    "POST account-passkey-options": _page("/account/passkeys/options", _WRONG, _WRONG, password="x"),
    "POST account-passkey-remove": _page("/account/passkeys/1/remove", _WRONG, _WRONG, password="x"),
    "POST oidc-link": _page("/account/oidc", _WRONG, _WRONG, password="x"),
    "POST oidc-unlink": _page("/account/oidc/unlink", _WRONG, _WRONG, password="x"),
    "GET accounts": _page("/accounts", _REFUSED, _REFUSED),
    "POST invite": _page("/accounts/invitations", _REFUSED, _REFUSED, uses="1"),
    "POST revoke-invitation": _page("/accounts/invitations/$invitation/revoke", _REFUSED, _REFUSED),
    "POST make-reset-link": _page("/accounts/$user/reset", _REFUSED, _REFUSED, password="x"),
    **{
        f"{method} {name}": _public(f"/{name}") for name in ("join", "reset", "forgotten") for method in ("GET", "POST")
    },
    "POST language": _public("/language"),
    "GET sign-in": _public("/sign-in"),
    "POST sign-in": _public("/sign-in"),
    "POST passkey-sign-in": _public("/sign-in/passkey"),
    "POST passkey-options": _public("/sign-in/passkey/options"),
    **{f"GET oidc-{name}": _public(f"/sign-in/oidc/{name}") for name in ("callback", "join", "sign-out")},
    "GET oidc-sign-in": _public("/sign-in/oidc"),
}
# Apart: their session is over then.
SIGN_OUT = {"POST sign-out": Door("/sign-out", "sign-in", "sign-in", {}, deactivated="sign-in")}
PAGES = {**OF_GROUPS, **OF_PEOPLE, **OF_ONESELF, **OF_PLANS, **OF_THE_WORKSPACE, **OF_ACCOUNTS}
