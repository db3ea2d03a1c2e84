"""Letters and printed sheets: their content, their wording, and their output as PDF and plain text.
The preview of a letter is an SVG.
"""
