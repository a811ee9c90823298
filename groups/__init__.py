"""Groups, their members and their logs.

`models` has the Groups table: the group, its members, their read marks and each user's own list of groups. `services`
holds the actions on groups, `proposals` their rules that depend on the log's end; `access` loads what a caller may see,
`selectors` reads for a caller. `direct` is about conversations of two, `creations` about creating a group once.
`change_events` turns log entries about groups and members into the changes that `events` and `event_serializers`
describe. `log/` is the log itself.
"""
