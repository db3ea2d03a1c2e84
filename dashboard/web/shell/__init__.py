"""The surroundings of each page: header, navigation, language, presenting mode, and the meeting."""
