"""The letter to the GP and the nurse: what it says, as a PDF and as plain text."""
