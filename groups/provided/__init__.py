"""Memberships that follow the groups of a provider of OpenID Connect (OIDC_GROUPS), made and ended as people sign in.

`rows` keeps which memberships were made so; only those are ended again. `following` has the rules.
"""
