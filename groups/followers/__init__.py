"""What follows the groups' logs: each entry of each group to each follower at least once, in the group's order.

A `follower` registers from above. An append marks its group in memory (`wakes`); the marks go to one sorted set in
Redis (`wake_queue`), from which the `runner` of any process takes groups and follows each for a slice of time
(`slices`): it reads what lies after the followers' `places` and feeds it to them (`feeding`). The `sweep` goes round
the directory of all groups and finds what no mark says. `registrations` says since when a follower is there, `lag` how
far behind it is; `services` has a follower rebuilt, or a group forgotten.
"""
