"""Web Push (RFC 8030): requests to the push services of browsers, encrypted (RFC 8291), signed by VAPID (RFC 8292)."""
