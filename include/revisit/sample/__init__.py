"""An invented property-management company for the demonstration: its own system, its staff and their answers (虚构)."""

from revisit.sample.generate import EVENTS, SEED, UNTIL, Tables, generate
from revisit.sample.write import write

__all__ = ["EVENTS", "SEED", "UNTIL", "Tables", "generate", "write"]
