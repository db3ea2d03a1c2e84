"""The documents for whoever runs the program: every command and configuration, tried as printed."""
