"""Launches Dagster runs in a warm process."""
