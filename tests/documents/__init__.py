"""The documents for operators: every command and configuration, tried as printed."""
