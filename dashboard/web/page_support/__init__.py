"""Parts that pages share: access to the database, checked fragments, and files made at a click."""
