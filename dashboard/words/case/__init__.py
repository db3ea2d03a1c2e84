"""A case in words: chart, scores, questionnaires and remarks."""
