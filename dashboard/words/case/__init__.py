"""Texts about a case: chart, scores, questionnaires and remarks."""
