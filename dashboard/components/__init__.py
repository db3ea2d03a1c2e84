"""Components: one module per thing that is drawn. A component takes data and never queries."""
