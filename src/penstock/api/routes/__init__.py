"""The paths we serve, one file a thing; a route reads the request, calls one use case and words the answer."""
