"""What the numbers mean. Pure Python: no SQL, no Streamlit."""
