"""Advice from the draft to the answers: drafts, signing, letters, inbox, answers, follow-up."""
