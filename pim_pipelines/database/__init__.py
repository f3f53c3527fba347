"""The PostgreSQL server and connections to it."""
