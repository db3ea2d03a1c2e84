"""The user's own account (password, second factor, sign-ins) and the list of all accounts."""
