"""The rows of accounts in the Users table.

| userId | item | what it is |
|---|---|---|
| a user's id | `account` | their sign-in name, the hash of their password, their second factor |
| a user's id | `session#<id>` | a session: since when, where last seen, by which one at the provider |
| a user's id | `passkey#<id>` | a passkey: its public key, its name; one that the account does not name is void |
| a user's id | `ceremony#<id>` | a challenge that a passkey of theirs has answered: it is taken once |
| a user's id | `told` | what the provider has said, while a second factor is asked for |
| `identities#` | `identity#<id>` | whose account belongs to this identity at the provider of OpenID Connect |
| `provided#` | `subject#<digest>#<id>`, `session#<digest>#<id>` | a session that began by one at the provider |
| `logouts#` | `logout#<digest>` | a logout token of the provider that was taken |
| `logouts#` | `over#subject#<digest>`, `over#session#…`, `over#unnamed#…` | who has signed out there a moment ago |
| `logins#` | `login#<sign-in name>` | who has this sign-in name: a reservation, so that two cannot take one |
| `links#` | `link#<id>` | a link that makes an account or resets one, with the digest of its token |
| `owner#` | `owner` | who was the first |

No user's id has a `#`. DynamoDB deletes a row after its `expires_at`.
"""

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from users.rows import UsersTableRow

ACCOUNT, SESSION, LOGIN, LINK, OWNER = "account", "session#", "login#", "link#", "owner"
PASSKEY, CEREMONY, IDENTITY, TOLD = "passkey#", "ceremony#", "identity#", "told"
LOGINS, LINKS, OWNERS, IDENTITIES = "logins#", "links#", "owner#", "identities#"
PROVIDED, LOGOUTS, LOGOUT, OVER = "provided#", "logouts#", "logout#", "over#"


class AccountRow(UsersTableRow):
    """One of the rows above; each has a part of these attributes. Times are in seconds since 1970."""

    created_at = NumberAttribute(null=True, attr_name="begunAt")
    expires_at = NumberAttribute(null=True, attr_name="expiresAt")
    # account
    login = UnicodeAttribute(null=True)
    password = UnicodeAttribute(null=True)
    # Of an account: where the link that made it was mailed to. Of a link: where it was mailed to.
    email = UnicodeAttribute(null=True)
    # Of a link: of who joins by it. Of the owner's account, until it is carried over: the profile has it now.
    role = UnicodeAttribute(null=True)
    # Sealed secrets: of the second factor, and of one that is not confirmed yet.
    totp = UnicodeAttribute(null=True)
    new_totp = UnicodeAttribute(null=True, attr_name="newTotp")
    # The last step whose code was used: a code is taken once.
    totp_step = NumberAttribute(null=True, attr_name="totpStep")
    recovery = UnicodeSetAttribute(null=True)
    # The ids of the passkeys; without any there is no such attribute.
    passkeys = UnicodeSetAttribute(null=True)
    # The id of their identity at the provider of OpenID Connect.
    identity = UnicodeAttribute(null=True)
    # passkey: what its authenticator calls it, and what it signs with, in base64url
    name = UnicodeAttribute(null=True)
    credential = UnicodeAttribute(null=True)
    public_key = UnicodeAttribute(null=True, attr_name="publicKey")
    sign_count = NumberAttribute(null=True, attr_name="signCount")
    transports = UnicodeSetAttribute(null=True)
    is_synced = BooleanAttribute(null=True, attr_name="synced")
    # session; of a passkey, when it was last used
    seen_at = NumberAttribute(null=True, attr_name="seenAt")
    token_expires_at = NumberAttribute(null=True, attr_name="tokenExpiresAt")
    address = UnicodeAttribute(null=True)
    agent = UnicodeAttribute(null=True)
    # login, identity, link, owner: whose it is
    holder = UnicodeAttribute(null=True)
    # told
    groups = UnicodeSetAttribute(null=True, attr_name="toldGroups")
    # link
    kind = UnicodeAttribute(null=True)
    digest = UnicodeAttribute(null=True)
    uses = NumberAttribute(null=True)
    used = NumberAttribute(null=True)
    created_by = UnicodeAttribute(null=True, attr_name="madeBy")
    note = UnicodeAttribute(null=True)
    # Of the password that a link resets: with another one, the link has nothing to reset any more.
    password_mark = UnicodeAttribute(null=True, attr_name="passwordMark")
    clears_second_factor = BooleanAttribute(null=True, attr_name="clearsSecondFactor")
    # told, and of a session that began by the provider: digests of its user and their session there
    subject = UnicodeAttribute(null=True, attr_name="providerSubject")
    provider_session = UnicodeAttribute(null=True, attr_name="providerSession")
    says_groups = BooleanAttribute(null=True, attr_name="saysGroups")
    names_groups = BooleanAttribute(null=True, attr_name="namesGroups")
