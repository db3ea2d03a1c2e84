"""Texts about advice: recommendations, answers, settlements, risk and deliveries."""
