"""Who is told of what while they are away: a follower of the groups' logs decides for each message and person, once.

`rules` is the decision as a function of facts, which `facts` reads for many people together and `candidates` names;
`deciding` stores what was decided with what is to be sent, in one transaction (`decisions`, `outbox`), and `sending`
sends it beside everything else: by `push/` to the browsers of `devices/`, and by `mails`. `closing` takes back what was
read meanwhile, `why` answers why somebody was told or not, `preferences/` has what people set (docs/decisions/0055).
"""
