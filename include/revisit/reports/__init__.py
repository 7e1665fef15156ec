"""A period's report: its figures as values, and their rendering as HTML, PDF and XLSX."""
