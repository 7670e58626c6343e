"""GraphCRM: an insurer's customers as one graph."""
