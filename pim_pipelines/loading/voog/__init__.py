"""Carries the rows of the second API's tasks into the catalogue."""
