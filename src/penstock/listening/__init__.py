"""How the service listens: on which address, behind which certificate, and with which HTTP server."""
