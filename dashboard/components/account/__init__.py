"""The user's own account: password, second factor, sign-ins."""
