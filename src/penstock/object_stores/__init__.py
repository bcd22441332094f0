"""The places where objects can be kept; each is found by its name, as a plugin."""
