"""Ratios to the physical limit, measured in one run; never a timed test."""
