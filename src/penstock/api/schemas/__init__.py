"""What travels over the wire, as Pydantic models; each knows how to become ours, or how to be made of ours."""
