"""What holds for everybody who works here.

`roles` says who may do what by their role, `services` change roles, settings and who may come in, `models` has the
settings, `policies` what this process knows of them and whom they permit what. `audit` notes the administrative acts.
"""
