"""Advice in words: recommendations, answers, settlements, risk and deliveries."""
