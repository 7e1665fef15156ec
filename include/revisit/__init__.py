"""Revisit: the service revisits (回访) that regulations demand, planned, issued, chased and proved."""
