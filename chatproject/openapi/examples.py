"""Examples: one of each field by its name, and of whole bodies made of them."""

# Long: one table of all fields, which reads better in one piece.

from typing import Any

from foundation.cursors import encode_cursor

Schema = dict[str, Any]

_GROUP, _OTHER_GROUP = "group_4mVnYcQ2sXa81Kpd", "direct_5c0f2b7d9e31a86420fbd1c7"
_USER, _OTHER_USER = "user_9fJq3LxTzV0bWc6RkYhE", "user_2hGd8NsPwA5mUe1ZoXtB"
_TEAM = "team:8dRf2LmQx0ZaVc5K"
_MESSAGE, _REPLY = f"{_GROUP}.42", f"{_GROUP}.43"
_FILE = "file_7RtKx0WbQm2LzYc5VnJd"
_SECTION = "section_8sDf2LmQ"
_SESSION, _INVITATION = "sess_3kVbN8xQzL0pYcR6TwMd", "inv_8sDf2LmQx0Za"
_GROUP_LINK = "invite_8sPq2LmXz7Kd"
_DEVICE = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
_CASE = "case_8sDf2LmQx0ZaVb3k"
_SCHEDULED, _REMINDER = "scheduled_8sDf2LmQx0ZaVb3k9pTe", "reminder_2LmQx0ZaVb3k9pTe8sDf"
_TIME = "2026-03-14T15:09:26.535Z"
# Where a list goes on; each kind of list has its own.
_CURSORS = {
    "files_list": encode_cursor(_TIME, _FILE),
    "groups_list": _GROUP,
    "inbox_list": encode_cursor(_TIME, _MESSAGE),
    "threads_list": encode_cursor(f"{_TIME}#{_GROUP}#42"),
    "accounts_list": encode_cursor("ada"),
    "reports_list": encode_cursor(f"{_TIME}#{_CASE}"),
    "audit_list": encode_cursor(f"{_TIME}#a_8sDf2LmQx0"),
    "groups_directory": encode_cursor(f"name#engine room\n{_GROUP}"),
    "members_list": _USER,
    "saved_list": encode_cursor(_TIME, _MESSAGE),
    "teams_list": encode_cursor(f"design\n{_TEAM}"),
    "team_members_list": _USER,
    "blocked_list": _USER,
    "groups_asked": encode_cursor(_USER),
    "workspace_deactivated": encode_cursor(f"ada lovelace\n{_USER}"),
    "search_messages": encode_cursor("3676094671036416004"),
    "users_list": encode_cursor(f"ada lovelace\n0{_USER}"),
}

_PLANNED = {"groupId": _GROUP, "at": _TIME, "localTime": "2026-03-14T16:09:26", "timeZone": "Europe/Berlin"}
_PLAN = {"id": _SCHEDULED, **_PLANNED, "version": 1, "createdAt": _TIME, "content": "ahoy", "state": "waiting"}
_REMINDED = {"id": _REMINDER, **_PLANNED, "version": 1, "createdAt": _TIME, "messageId": _MESSAGE}
_POLICY = {"post": "everyone", "invite": "managers", "rename": "managers", "pin": "everyone", "mentionAll": "everyone"}
_BY_NAME: Schema = {
    "action": "add",
    "addableBy": "known",
    "theme": "dark",
    "enterKey": "newline",
    "language": "de",
    "address": "192.0.2.7",
    "clearSecondFactor": False,
    "caseId": _CASE,
    "noticeId": _CASE,
    "thingId": _MESSAGE,
    "reportedAt": _TIME,
    "openedAt": _TIME,
    "decidedAt": _TIME,
    "readAt": _TIME,
    "code": "492039",
    "currentPassword": "(the present one)",
    "device": "(what the sign-in before has returned)",
    "email": "ada@example.org",
    "expiresAt": _TIME,
    "expiresIn": 604800,
    "invitationId": _INVITATION,
    "linkId": _GROUP_LINK,
    "login": "ada",
    "newPassword": "(10 characters or more)",
    "note": "for the new colleagues",
    "password": "(10 characters or more)",
    "recoveryCodes": ["J4QX-7KTM-2WPA-ZR5D"],
    "secret": "(32 characters of base 32)",
    "seenAt": _TIME,
    "sessionId": _SESSION,
    "scheduledId": _SCHEDULED,
    "reminderId": _REMINDER,
    "token": "eyJ…",
    "uri": "otpauth://totp/chatproject:ada?secret=…&issuer=chatproject",
    "after": 41,
    "archived": False,
    "archivedAt": _TIME,
    "description": "Who keeps the engines running, and how.",
    "joined": False,
    "memberCount": 12,
    "q": "engine",
    "topic": "Trials on Friday",
    "visibility": "public",
    "attachments": [_FILE],
    "before": 42,
    "clientId": "6f1c2d3e-8a4b-4c5d-9e6f-7a8b9c0d1e2f",
    "content": "ahoy",
    "count": 1,
    "createdAt": _TIME,
    "createdBy": _USER,
    "emoji": "👍",
    "file": "(the bytes of a file)",
    "fileId": _FILE,
    "groupId": _GROUP,
    "hasMore": False,
    "at": _TIME,
    "itemIds": [_MESSAGE],
    "unreadThreads": 0,
    "unreadMentions": 0,
    "unreadAlls": 0,
    "head": 43,
    "ifVersion": 1,
    "handle": "ada.lovelace",
    "imageUrl": f"/api/users/{_USER}/picture?v=picture_3fKq9LxT",
    "joinedAt": _TIME,
    "collapsed": False,
    "favourite": True,
    "left": 120,
    "level": "mentions",
    "muted": True,
    "mutedUntil": _TIME,
    "sectionId": _SECTION,
    "limit": 20,
    "link": f"/groups/{_GROUP}/messages/42",
    "memberIds": [_OTHER_USER],
    "messageId": _MESSAGE,
    "name": "Engine room",
    "parentId": _MESSAGE,
    "read": 43,
    "replyCount": 1,
    "revision": 7,
    "search": "ada",
    "seq": 42,
    "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    "side": 640,
    "since": 41,
    "saved": True,
    "savedAt": _TIME,
    "size": 5,
    "teamId": _TEAM,
    "teamIds": [_TEAM],
    "timeZone": "Europe/London",
    "title": "Analyst",
    "top": 0,
    "type": "text/plain",
    "unread": 0,
    "updatedAt": _TIME,
    "uploadedAt": _TIME,
    "uploadedBy": _USER,
    "url": f"/api/files/{_FILE}",
    "deviceId": _DEVICE,
    "endpoint": "https://push.example.org/wpush/v2/gAAAAABk",
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    "publicKey": "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs",
    "quietFrom": "22:00",
    "quietUntil": "07:00",
    "reason": "told",
    "sentAt": _TIME,
    "userId": _USER,
    "userIds": [_OTHER_USER],
    "version": 1,
    "void": False,
    "If-Match": '"5d41402abc4b2a76b9719d911017c592"',
    "If-None-Match": '"5d41402abc4b2a76b9719d911017c592"',
    "If-Unmodified-Since": "Sat, 14 Mar 2026 15:09:26 GMT",
    "Idempotency-Key": "6f1c2d3e-8a4b-4c5d-9e6f-7a8b9c0d1e2f",
    "Range": "bytes=0-1023",
}
# Where a field means something else in a type than elsewhere.
_BY_TYPE: dict[str, Schema] = {
    "Session": {"id": _SESSION, "device": "Firefox on Linux", "since": _TIME},
    "OwnAccount": {"recoveryCodes": 10},
    "Account": {"name": "Ada Lovelace"},
    "JoinInput": {"name": "Ada Lovelace", "link": f"{_INVITATION}.Uq3…"},
    "ResetInput": {"link": "reset_5tGh9KpWv1Bc.f8Y…"},
    "Invitation": {"id": _INVITATION},
    "NewInvitation": {"id": _INVITATION, "url": f"https://chat.example.org/join?link={_INVITATION}.Uq3…"},
    "ResetLink": {"url": "https://chat.example.org/reset?link=reset_5tGh9KpWv1Bc.f8Y…"},
    "User": {"id": _USER, "name": "Ada Lovelace"},
    "Team": {"id": _TEAM, "name": "Design", "handle": "design", "description": "Who draws"},
    "TeamDetail": {"id": _TEAM, "name": "Design", "handle": "design", "description": "Who draws", "role": "manager"},
    "CreateTeamInput": {"name": "Design", "handle": "design", "description": "Who draws"},
    "ChangeTeamBody": {"name": "Design", "handle": "design", "description": "Who draws"},
    "TeamMember": {"name": "Ada Lovelace"},
    "MentionableTeam": {"name": "Design", "handle": "design"},
    "AddedToTeam": {"added": [_OTHER_USER]},
    "Block": {"userId": _OTHER_USER, "since": _TIME},
    "BlockedUser": {"userId": _OTHER_USER, "name": "Grace Hopper", "since": _TIME},
    "Case": {"id": _CASE, "note": "(for administrators)"},
    "CaseDetail": {"id": _CASE},
    "Notice": {"id": _CASE, "text": "Please be kinder."},
    "ReportInput": {"text": "It is not the first time."},
    "Report": {"text": "It is not the first time."},
    "DecideInput": {"decision": "warn", "note": "the first time", "warning": "Please be kinder."},
    "DecideBody": {"decision": "warn", "note": "the first time", "warning": "Please be kinder."},
    "Act": {
        "id": f"{_TIME}#a_8sDf2LmQx0",
        "act": "invitation.make",
        "by": _USER,
        "about": {"link": _INVITATION, "uses": 1},
    },
    "Device": {"id": _DEVICE, "name": "Firefox on Linux"},
    "ListedDevice": {"id": _DEVICE, "name": "Firefox on Linux"},
    "TestedDevice": {"id": _DEVICE, "name": "Firefox on Linux"},
    "AddDeviceInput": {"name": "Firefox on Linux"},
    "Peer": {"id": _OTHER_USER, "name": "Grace Hopper"},
    "UpdateProfileInput": {"name": "Ada Lovelace"},
    "CustomStatus": {"emoji": "🌴", "text": "On holiday", "expiresAt": "2026-03-20T00:00:00Z"},
    "SetStatusInput": {"emoji": "🌴", "text": "On holiday", "expiresAt": "2026-03-20T00:00:00Z"},
    "Member": {"name": "Ada Lovelace"},
    "Section": {"id": _SECTION, "name": "Projects"},
    "SectionInput": {"id": _SECTION, "name": "Projects"},
    "Group": {"id": _GROUP},
    "FoundGroup": {"id": _GROUP},
    "Policy": _POLICY,
    "PolicyInput": _POLICY,
    "GroupSummary": {"id": _GROUP},
    "GroupDetail": {"id": _GROUP},
    "Message": {"id": _MESSAGE, "userId": _USER},
    "FileReference": {"id": _FILE, "name": "hello.txt"},
    "Added": {"added": {_OTHER_USER: "member"}},
    "Change": {"event": "message", "data": {"id": _REPLY, "groupId": _GROUP, "seq": 43, "content": "aye"}},
    "CreateDirectInput": {"userId": _OTHER_USER},
    "InvitationLink": {"id": _GROUP_LINK},
    "NewInvitationLink": {
        "id": _GROUP_LINK,
        "url": f"https://chat.example.org/invite?link={_GROUP}~{_GROUP_LINK}.Uq3…",
    },
    "UseLinkInput": {"link": f"{_GROUP}~{_GROUP_LINK}.Uq3…"},
    "LinkedGroup": {"id": _GROUP},
    "ChangeRoleBody": {"role": "admin"},
    "ChangeWorkspaceRoleBody": {"role": "guest"},
    "Workspace": {"name": "Harbour Ltd", "logoUrl": "/api/workspace/logo/picture_7RtK", "role": "admin"},
    "ChangeWorkspaceInput": {"name": "Harbour Ltd"},
    "MarkReadInput": {"parentId": None},
    "SendMessageInput": {"parentId": None, "attachments": []},
    "Item": {"id": _MESSAGE, "unread": True},
    "NamedGroup": {"id": _GROUP},
    "Quote": {"content": f"[Ada Lovelace](/groups/{_GROUP}/messages/42):\n> ahoy\n\n"},
    "Reaction": {"userIds": [_OTHER_USER]},
    "ScheduledAnswer": {"scheduled": _PLAN},
    "ScheduledList": {"scheduled": [_PLAN], "revision": 12},
    "ReminderAnswer": {"reminder": _REMINDED},
    "Reminders": {"reminders": [_REMINDED], "revision": 12},
    "RemindInput": {"messageId": _MESSAGE, "when": "tomorrow"},
    "SavedPage": {"saved": [{"messageId": _MESSAGE, "savedAt": _TIME}]},
    "Server": {"version": "1.0.0", "uptime": 86400.0},
    "Database": {"lastError": "It cannot be reached.", "lastErrorAt": "2026-03-14T15:09:26Z"},
    "Sockets": {"closedByReason": {"client": 3, "lost": 1}},
    "Rates": {"perSecond": 0.05, "byCode": {"not_found": 3}},
    "Worker": {"host": "chat-1", "pid": 4242, "version": "1.0.0", "uptime": 86400.0},
}
# Left out of examples: what most answers do not have.
_RARE = {
    "Member": {"deactivated"},
    "Message": {"updatedAt", "parentId", "replyCount", "attachments", "reactions", "edited", "deleted", "pinned"},
    "Page": {"hasNewer", "around", "unreadFrom", "read"},
    "SavedPage": {"nextCursor"},
    "Draft": {"parentId"},
    "WriteDraftInput": {"parentId", "ifVersion"},
    "Group": {"archivedAt"},
    "FoundGroup": {"archivedAt"},
    "GroupSummary": {"peer", "peers", "peerCount", "visibility", "topic", "policy", "archivedAt"},
    "GroupDetail": {"peer", "peers", "peerCount", "archivedAt"},
    "Directory": {"nextCursor"},
    "Sent": {"duplicate"},
    "GroupList": {"nextCursor"},
    "MemberList": {"nextCursor"},
    "User": {"title", "timeZone", "customStatus", "role", "deactivated"},
    "UserList": {"nextCursor"},
    "TeamList": {"nextCursor"},
    "TeamMembers": {"nextCursor"},
    "BlockedList": {"nextCursor"},
    "Mentions": {"teamIds", "all", "here"},
    "Added": {"notAdded"},
    "AccountList": {"nextCursor"},
    "ActPage": {"nextCursor"},
    "CasePage": {"nextCursor"},
    "Case": {"decision", "decidedBy", "decidedAt", "note"},
    "CaseDetail": {"decision", "decidedBy", "decidedAt", "note"},
    "ReportInput": {"userId"},
    "Reported": {"duplicate"},
    "Report": {"evidence"},
    "Evidence": {"updatedAt", "files", "name", "handle", "title", "status", "hasPicture"},
    "Notice": {"readAt"},
    "Act": {"count", "until"},
    "SignInInput": {"code", "device"},
    "InviteInput": {"userId", "email"},
    "Invitation": {"userId", "email"},
    "NewInvitation": {"userId", "email"},
    "FilePage": {"nextCursor"},
    "Changes": {"reset"},
    "Inbox": {"nextCursor"},
    "Item": {"emoji"},
    "FollowedThreads": {"nextCursor"},
    "SendMessageInput": {"parentId", "attachments"},
    "CreateDirectInput": {"userIds"},
    "MarkReadInput": {"parentId"},
}
_BY_KIND: Schema = {"string": "…", "integer": 1, "number": 1.5, "boolean": True}


def add_examples(result: Schema, **_: Any) -> Schema:
    """Add an example to each parameter and body that has none; a hook of drf-spectacular."""
    schemas = result["components"]["schemas"]
    for path in result["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if (example := _of_parameter(parameter, operation["operationId"])) is not None:
                    parameter.setdefault("example", example)
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for content in (body.get("content", {}) for body in bodies):
                for kind, media in content.items():
                    if kind not in ("application/octet-stream", "*/*"):
                        media.setdefault("example", example_of(media["schema"], schemas))
    return result


def _of_parameter(parameter: Schema, operation_id: str) -> Any:
    name = parameter["name"]
    if name == "cursor":
        return _CURSORS[operation_id]
    if values := parameter.get("schema", {}).get("enum"):
        return values[0]
    if operation_id.startswith("audit_") and name in ("before", "after"):
        return _TIME
    return _FILE if name == "before" and operation_id == "files_list" else _BY_NAME.get(name)


def example_of(schema: Schema, schemas: Schema, name: str = "", kind: str = "") -> Any:
    """Return an example of a schema, as the field `name` of the type `kind`; `schemas` are those that it refers to."""
    own = _BY_TYPE.get(kind, {})
    if name in own:
        return own[name]
    if "$ref" in schema:
        type_name = schema["$ref"].rpartition("/")[2]
        return example_of(schemas[type_name], schemas, name, type_name)
    for combined in ("allOf", "oneOf", "anyOf"):
        if combined in schema:
            return example_of(schema[combined][0], schemas, name, kind)
    if "properties" in schema:
        rare = _RARE.get(kind, set())
        fields = {field: value for field, value in schema["properties"].items() if field not in rare}
        return {field: example_of(value, schemas, field, kind) for field, value in fields.items()}
    return _value(schema, schemas, name)


def _value(schema: Schema, schemas: Schema, name: str) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    declared = schema.get("type", "string")
    kind = next(item for item in declared if item != "null") if isinstance(declared, list) else declared
    if kind == "array" and not isinstance(_BY_NAME.get(name), list):
        return [example_of(schema["items"], schemas, name)]
    if kind == "array" and "$ref" in schema["items"]:
        return [example_of(schema["items"], schemas)]
    if schema.get("format") == "date-time":
        return _BY_NAME.get(name, _TIME)
    return _BY_NAME.get(name, {} if kind == "object" else _BY_KIND.get(kind))
