"""The `penstock` command; it talks HTTP like any other caller, except to start the service."""
