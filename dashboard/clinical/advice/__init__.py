"""Advice, from writing to follow-up: drafts, signing, recommendations, answers, inbox, letters."""
