"""The ways to tell somebody something; each is found by its name."""
