"""All operations of the API about groups, people, messages and files, and what somebody who may not gets of them."""

from .door import CONFLICT, FORBIDDEN, INVALID, NOT_FOUND, OK, Door

_GROUP, _MESSAGE = "/api/groups/$group", "/api/messages/$message"
_PIXEL = {"file": "pixel"}
_BOTH = (NOT_FOUND, NOT_FOUND)
_ALL = (OK, OK)
# The actor's own things: there are none, or they may be changed by everybody.
OF_ONESELF = {
    "GET me": Door("/api/users/me", *_ALL),
    "PATCH me": Door("/api/users/me", *_ALL, {"title": "x"}),
    "GET privacy": Door("/api/users/me/privacy", *_ALL),
    "PATCH privacy": Door("/api/users/me/privacy", *_ALL, {"addableBy": "everyone"}),
    "PUT custom-status": Door("/api/users/me/status", *_ALL, {"text": "x"}),
    "DELETE custom-status": Door("/api/users/me/status", *_ALL),
    "PUT my-picture": Door("/api/users/me/picture", *_ALL, _PIXEL),
    "DELETE my-picture": Door("/api/users/me/picture", *_ALL),
    "GET my-invitations": Door("/api/users/me/invitations", *_ALL),
    "DELETE my-invitation": Door("/api/users/me/invitations/$group", *_ALL),
    "GET blocked": Door("/api/users/me/blocked", *_ALL),
    "PUT blocked-user": Door("/api/users/me/blocked/$user", OK, NOT_FOUND),
    "DELETE blocked-user": Door("/api/users/me/blocked/$user", OK, NOT_FOUND),
    "GET sections": Door("/api/users/me/sections", *_ALL),
    "PUT sections": Door(
        "/api/users/me/sections", CONFLICT, CONFLICT, {"sections": [{"name": "n"}], "ifVersion": 99}
    ),
    "GET saved": Door("/api/saved", *_ALL),
    "GET threads": Door("/api/threads", *_ALL),
    "GET inbox": Door("/api/inbox", *_ALL),
    "POST inbox-read": Door("/api/inbox/read", *_ALL, {"itemIds": ["$message"]}),
    "GET notices": Door("/api/notices", *_ALL),
    "POST notice-read": Door("/api/notices/$notice/read", *_BOTH),
}
OF_PEOPLE = {
    "GET users": Door("/api/users?search=$name", *_ALL),
    "GET user": Door("/api/users/$user", OK, NOT_FOUND),
    "GET picture": Door("/api/users/$user/picture", OK, NOT_FOUND),
    "GET teams": Door("/api/teams?search=$handle", *_ALL),
    "POST teams": Door("/api/teams", FORBIDDEN, FORBIDDEN, {"name": "x", "handle": "$free", "memberIds": ["$user"]}),
    "GET team": Door("/api/teams/$team", OK, NOT_FOUND),
    "PATCH team": Door("/api/teams/$team", FORBIDDEN, NOT_FOUND, {"name": "Mine"}),
    "DELETE team": Door("/api/teams/$team", FORBIDDEN, NOT_FOUND),
    "GET team-members": Door("/api/teams/$team/members", OK, NOT_FOUND),
    "POST team-members": Door("/api/teams/$team/members", FORBIDDEN, NOT_FOUND, {"userIds": ["$user"]}),
    "PATCH team-member": Door("/api/teams/$team/members/$user", FORBIDDEN, NOT_FOUND, {"role": "member"}),
    "DELETE team-member": Door("/api/teams/$team/members/$user", FORBIDDEN, NOT_FOUND),
    "POST reports": Door("/api/reports", OK, NOT_FOUND, {"userId": "$user", "reason": "spam"}),
}
OF_GROUPS = {
    "GET groups": Door("/api/groups", *_ALL),
    "POST groups": Door("/api/groups", OK, FORBIDDEN, {"name": "x", "memberIds": ["$user"]}),
    "GET directory": Door("/api/groups/directory?q=$title", OK, FORBIDDEN),
    "POST direct": Door("/api/groups/direct", OK, INVALID, {"userId": "$user"}, blocked=FORBIDDEN),
    "PATCH member": Door(f"{_GROUP}/members/$user", *_BOTH, {"role": "member"}),
    "DELETE member": Door(f"{_GROUP}/members/$user", *_BOTH),
    "POST rejoin": Door(f"{_GROUP}/rejoin", *_BOTH),
    "GET invitation-links": Door(f"{_GROUP}/invitation-links", *_BOTH),
    "POST invitation-links": Door(f"{_GROUP}/invitation-links", *_BOTH, {"uses": 1}),
    "DELETE invitation-link": Door(f"{_GROUP}/invitation-links/$link", *_BOTH),
    "POST invitation-link-read": Door("/api/invitation-links/read", *_BOTH, {"link": "$group~$link.x"}),
    "POST invitation-link-use": Door("/api/invitation-links/use", *_BOTH, {"link": "$group~$link.x"}),
    "POST join-group": Door(f"{_GROUP}/join", *_BOTH),
    "PATCH own-settings": Door(f"{_GROUP}/me", *_BOTH, {"favourite": True}),
    "GET members": Door(f"{_GROUP}/members", *_BOTH),
    "POST members": Door(f"{_GROUP}/members", *_BOTH, {"userIds": ["$user"]}),
    "GET group": Door(_GROUP, *_BOTH),
    "PATCH group": Door(_GROUP, *_BOTH, {"topic": "Mine"}),
    "DELETE group": Door(_GROUP, *_BOTH),
    "GET mentionable": Door(f"{_GROUP}/mentionable?search=$name", *_BOTH),
    "GET pins": Door(f"{_GROUP}/pins", *_BOTH),
    "GET group-picture": Door(f"{_GROUP}/picture", *_BOTH),
    "PUT group-picture": Door(f"{_GROUP}/picture", *_BOTH, _PIXEL),
    "DELETE group-picture": Door(f"{_GROUP}/picture", *_BOTH),
    "POST leave": Door(f"{_GROUP}/leave", *_BOTH),
}
OF_MESSAGES = {
    "GET messages": Door("/api/messages?groupId=$group", *_BOTH),
    "POST messages": Door("/api/messages", NOT_FOUND, INVALID, {"groupId": "$group", "content": "<@$user> look"}),
    "GET changes": Door("/api/messages/changes?groupId=$group&since=0", *_BOTH),
    "POST read": Door("/api/messages/read", *_BOTH, {"groupId": "$group", "seq": 1}),
    "GET message": Door(_MESSAGE, *_BOTH),
    "PATCH message": Door(_MESSAGE, *_BOTH, {"content": "mine now"}),
    "DELETE message": Door(_MESSAGE, *_BOTH),
    "POST reactions": Door(f"{_MESSAGE}/reactions", *_BOTH, {"emoji": "x", "action": "add"}),
    "GET history": Door(f"{_MESSAGE}/history", *_BOTH),
    "POST unread": Door(f"{_MESSAGE}/unread", *_BOTH),
    "GET thread": Door(f"{_MESSAGE}/thread", *_BOTH),
    "PUT follow": Door(f"{_MESSAGE}/follow", *_BOTH),
    "DELETE follow": Door(f"{_MESSAGE}/follow", *_BOTH),
    "POST pin": Door(f"{_MESSAGE}/pin", *_BOTH, {"action": "add"}),
    "POST save": Door(f"{_MESSAGE}/saved", *_BOTH, {"action": "add"}),
    "GET quote": Door(f"{_MESSAGE}/quote", *_BOTH),
    "POST forward": Door(f"{_MESSAGE}/forward", *_BOTH, {"groupId": "$group"}),
    "GET drafts": Door("/api/drafts?groupId=$group", *_BOTH),
    "PUT drafts": Door("/api/drafts", *_BOTH, {"groupId": "$group", "content": "let me in"}),
    "DELETE drafts": Door("/api/drafts?groupId=$group", *_BOTH),
}
OF_FILES = {
    "POST upload": Door("/api/upload", *_BOTH, {"groupId": "$group", "file": "pixel"}),
    "POST uploads": Door("/api/uploads", *_BOTH, "$group"),
    "HEAD resumable-upload": Door("/api/uploads/$upload", *_BOTH),
    "PATCH resumable-upload": Door("/api/uploads/$upload", *_BOTH, "x"),
    "DELETE resumable-upload": Door("/api/uploads/$upload", *_BOTH),
    "GET files": Door("/api/files?groupId=$group", *_BOTH),
    "GET file-metadata": Door("/api/files/metadata/$file", *_BOTH),
    "GET file": Door("/api/files/$file", *_BOTH),
    "DELETE file": Door("/api/files/$file", *_BOTH),
    "GET thumbnail": Door("/api/files/$file/thumbnails/160", *_BOTH),
}
API = {**OF_ONESELF, **OF_PEOPLE, **OF_GROUPS, **OF_MESSAGES, **OF_FILES}
