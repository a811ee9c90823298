"""The services by which nobody administers anything, each with the reason."""

from .attempts import spelled_out

_OWN = "changes what is the actor's own"
_SAYS = "the group's log has it, with who did it"
_READS = "changes nothing"
_PART = "a part of what another service does, which is noted there"
_OFFERS = "an offer: nothing depends on it before it is confirmed"
_MACHINE = "tidies up what nobody decides"

NOT_ADMINISTRATIVE: dict[str, str] = {
    **spelled_out(
        "users.services",
        {
            "sign_in check_token check_renewal check_token_from require_own_picture": _READS,
            "end_session renew_token update_profile set_status clear_status set_picture": _OWN,
            "sign_in_locally": "a trial, where anybody may sign in under any name",
        },
    ),
    **spelled_out(
        "users.clerk.services",
        {
            "receive_webhook": "what a webhook says is done by the others",
            "follow_profile": "a person's own profile, which Clerk keeps",
        },
    ),
    **spelled_out(
        "accounts.services",
        {
            "credentials.require_reset_link signing_in.require_code joining.read_invitation": _READS,
            "own_password.wrong_password own_password.require_own_proof own_password.is_recent": _READS,
            "joining.known_name joining.role_by signing_in.account_of signing_in.new_challenge": _READS,
            "passkeys.require_passkeys oidc.require_oidc oidc.sign_out_address provided_accounts.shown_name": _READS,
            "passkeys.begin_passkey passkey_sign_in.begin_sign_in passkey_sign_in.begin_second_factor": _OFFERS,
            "oidc.begin_sign_in oidc.begin_joining oidc.begin_linking": _OFFERS,
            "departing.end_account_of departing.erase_account_of": _PART,
            "credentials.begin_totp": _OFFERS,
            "invitations.make_reset_link_of": _PART,
            "signing_in.answer_challenge signing_in.begin_after_second_factor": "`sessions.begin` notes it",
            "sessions.begin_anew sessions.end_all sessions.end_these": _PART,
        },
    ),
    **spelled_out(
        "groups.services",
        {
            "creating.create_group creating.create_direct": "anybody may; the group's row says who made it, and when",
            "members.leave_group members.rejoin_group members.join_group reading.advance_read_mark": _OWN,
            "storing.store_group changing.set_picture": _PART,
            "changing.require_picture_manager": _READS,
            "adding_teams.add_teams": "adds by `add_members`, which notes it",
        },
    ),
    "users.privacy.set_addable_by": _OWN,
    "users.preferences.set_preferences": _OWN,
    **spelled_out("files.pictures.logo", {"set_logo remove_logo": "`workspace.services` notes it"}),
    **spelled_out(
        "messaging.later",
        {
            "planning.schedule_message planning.change_scheduled planning.cancel_scheduled": _OWN,
            "reminding.remind reminding.cancel_reminder": _OWN,
        },
    ),
    "messaging.unread.mark_unread": _OWN,
    "messaging.edit_history.list_versions": _READS,
    "messaging.mentionable.list_mentionable": _READS,
    **spelled_out("messaging.text.answers", {"with_html preview": _READS}),
    **spelled_out("messaging.unread_places", {"list_unread": _READS, "read_places": _OWN}),
    "messaging.threads.pages.read_thread_page": _READS,
    "web.conversation.running.run": "each command is another service",
    "groups.own_settings.services.change_own_settings": _OWN,
    "groups.own_settings.services.erase_own_settings": _PART,
    "groups.sections.services.write_sections": _OWN,
    **spelled_out("groups.blocking.services", {"block_user unblock_user": _OWN}),
    "groups.dissolving.dissolve_group": _PART,
    "groups.invitations.services.decline_invitation": _OWN,
    "groups.followers.services.forget_group": _PART,
    "presence.services.set_presence": _OWN,
    "presence.services.publish_profile": _PART,
    **spelled_out(
        "files.services",
        {
            "store_file store_files take_back_file": _OWN,
            "discard_files discard_group_files": _PART,
            "sweep_failed_uploads sweep_unsent_files": _MACHINE,
        },
    ),
    **spelled_out(
        "files.resumable",
        {
            "begin_upload get_progress append_part end_upload": _OWN,
            "discard_group_uploads": _PART,
            "sweep_expired_uploads": _MACHINE,
        },
    ),
    **spelled_out(
        "files.pictures.services",
        {"set_picture remove_picture": _OWN, "discard_group_pictures": _PART, "sweep_pictures": _MACHINE},
    ),
    **spelled_out(
        "messaging.services",
        {
            "send_message begin_send edit_message react": _SAYS,
            "mark_read set_typing": _OWN,
            "require_thread_root": _READS,
        },
    ),
    "messaging.group_deletion.erase_deleted_groups": "finishes what `delete_group` has noted",
    "messaging.services.delete_reported_message": "the decision that asks for it is noted",
    **spelled_out("moderation.services", {"report_message report_person": "nobody learns who has reported what"}),
    **spelled_out("moderation.notices.services", {"warn": _PART, "read_notice": _OWN}),
    **spelled_out("notifications.devices.services", {"add_device remove_device send_test": _OWN}),
    **spelled_out(
        "notifications.devices.services",
        {"remove_of_session remove_all_devices": _PART, "remove_with_sessions": _MACHINE},
    ),
    "notifications.preferences.services.change_settings": _OWN,
    **spelled_out("messaging.drafts.services", {"write_draft": _OWN, "forget_drafts": _PART}),
    "messaging.inbox.services.read_items": _OWN,
    "messaging.pins.services.pin_message": _SAYS,
    **spelled_out("messaging.quotes.services", {"quote_message": _READS, "forward_message send_also_to_group": _SAYS}),
    **spelled_out("messaging.saved.services", {"save_message": _OWN, "forget_saved": _PART}),
    "messaging.threads.services.set_following": _OWN,
    "users.due.services.list_aside": _READS,
    "users.due.services.retry": "tries again what its person has asked for",
    **spelled_out(
        "workspace.services",
        {"tell_standing": _PART, "end_also erase_also": "what an app says of itself as the server starts"},
    ),
}

# Commands of `manage.py`: the act that they note, or why they note none.
COMMANDS = {
    "build_static": "makes files of the sources; decides nothing",
    "carry_over": _MACHINE,
    "due": "tries again what its person has asked for",
    "create_tables": "makes what is missing before anybody is there",
    "erase_groups": "finishes what `group.delete` has noted",
    "fixture": "makes people and groups of a trial, as they do themselves",
    "follow": "serves; decides nothing",
    **dict.fromkeys(("followers", "search"), "follower.rebuild"),
    "impersonations": _READS,
    "invite_users": "invitation.make",
    "owner_link": "owner_link.make",
    "reset_link": "reset_link.make",
    "spread_users": _MACHINE,
    "sweep_audit": "deletes what AUDIT_DAYS says, as the servers do",
    "sweep_files": _MACHINE,
    "sweep_reports": "erases what REPORT_EVIDENCE_DAYS says, as the servers do",
    "workspace_role": "role.change",
    "token": "a session of a trial, where anybody may sign in under any name",
}
