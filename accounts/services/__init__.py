"""The rules of accounts: signing in and out, joining by a link, passwords, second factors, invitations and resets."""
