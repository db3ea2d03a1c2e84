"""Letters and printed sheets: their content, their wording, and their output as PDF and
plain text.
"""
