"""Components of meetings: the preparation of cases, the agenda, the running meeting and its
summary.
"""
