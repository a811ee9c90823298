"""How people join a group by an act of their own: by a link that was passed to them, or since somebody has asked them.

`models` has the rows of links, `access` finds what a token or a manager may have, `proposals` joins by a link, and
`services` and `selectors` serve the views. Who was asked is in `groups.asked`.
"""
