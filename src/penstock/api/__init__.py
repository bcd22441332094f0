"""HTTP: DLI's wire format in, DLI's wire format out, and our own plain REST beside it."""
