"""The ranked review list: its rules, the need of each episode, and the order."""
