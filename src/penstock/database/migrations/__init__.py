"""How the tables came to be, step by step: expand first, then migrate, then contract."""
