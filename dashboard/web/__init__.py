"""The web layer: the ASGI application, the main script that Streamlit runs, signing in, and the
parts that all pages share.
"""
