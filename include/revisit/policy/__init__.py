"""Packs: regulations as strict, versioned, cited data, and the reference engine that evaluates them."""
