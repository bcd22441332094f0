"""What leaves this installation: calls through one guard, and the stamp that signs them."""
