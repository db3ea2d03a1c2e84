"""Functions that load a registry from CSV files, from FHIR resources, or as a copy of views."""
