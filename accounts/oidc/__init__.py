"""OpenID Connect: people prove who they are to a provider of the operator's choice, instead of by a password here.

`provider` finds the provider's addresses and keys, `requests` begins and remembers a visit there, `client` fetches what
came of it, `identity` is who came back. The rules are in `accounts/services/oidc.py`.
"""
