"""Sources: what they are (YAML), how they are read, and the contract their rows must keep."""
