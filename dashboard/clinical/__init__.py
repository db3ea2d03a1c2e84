"""The clinical rules and calculations, in pure Python. They use neither SQL nor Streamlit."""
