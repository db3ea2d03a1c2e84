"""The loop of advice: drafts, signing, recommendations, answers, inbox, follow-up, letters."""
