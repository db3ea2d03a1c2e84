"""Components about advice: drafts, signing, recommendations, answers, inbox, follow-up and
letters.
"""
