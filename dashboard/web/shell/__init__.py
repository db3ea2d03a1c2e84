"""The shell around each page: header, navigation, language, presenting, meeting."""
