"""Our memory, in SQLite or PostgreSQL: explicit statements on SQLAlchemy Core, and no ORM."""
