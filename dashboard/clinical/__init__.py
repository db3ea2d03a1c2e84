"""The meaning of the numbers. Pure Python: no SQL, no Streamlit."""
