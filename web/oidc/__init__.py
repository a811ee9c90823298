"""OpenID Connect in pages: out to the provider by a link, and back to the callback."""
