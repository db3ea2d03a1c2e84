"""The ranked review list: the facts of each open episode, the rules, the order."""
