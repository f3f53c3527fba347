"""Carries checked rows into the catalogue."""
