"""The ranked review list: its rules, the need of each episode (how ill the patient is), and the
order.
"""
