"""Groups, their members and their logs.

`models` has the Groups table: the group and its members; `memberships` the rows of a user's own: what they have of each
group. `carry_over` brings data of older versions there. `read_mark` is how far somebody has read and what of it counts,
`mark_rows` has its rows, `mark_alls` what older ones lack. `read_marks` moves authors' marks to what they send,
`read_mark_repair` and `mentions` are followers that write them. `services` holds the actions on groups, `proposals`
their rules that depend on the log's end; `access` loads what a caller may see, `selectors` reads for a caller. `direct`
and `peers` are about conversations without a name, `reach` says who may add whom, `asked` and `left` who joins by
themselves alone, `invitations/` has links, `creations` is about creating a group once. `change_events` turns log
entries about groups and members into the changes that `events` and `event_serializers` describe. `log/` is the log.
"""
