"""Pages of accounts: joining by a link, a new password, one's own account, and all of them for administrators."""
