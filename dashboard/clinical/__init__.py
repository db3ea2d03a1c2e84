"""The clinical rules and calculations, in pure Python: no SQL, no Streamlit."""
