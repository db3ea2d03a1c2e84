"""One's own account: password, second factor, sign-ins."""
