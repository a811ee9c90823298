"""What holds for everybody who works here.

`roles` says who may do what by their role, `services` change roles, settings and who may come in, `models` keeps the
`settings`, `policies` knows them in this process and whom they permit what. `audit` notes the administrative acts.
"""
