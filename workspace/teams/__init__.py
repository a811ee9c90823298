"""Teams: people whom one may name together, such as `@design`, or add to a group together.

`models` are the rows of the Users table, `access` says who may see and change a team, `services` change it, `selectors`
read it. A team's handle is of the same kind as a person's, and nobody else has it (`users.handles`).
"""
