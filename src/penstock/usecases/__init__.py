"""What a caller may ask for: one verb a function, one transaction a call."""
