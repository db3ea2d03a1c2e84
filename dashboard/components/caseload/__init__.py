"""The review list on the screen: the choice of the list, the filters, and the table of patients."""
