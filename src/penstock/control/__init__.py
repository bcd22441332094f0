"""The loops that make the world match what was asked."""
