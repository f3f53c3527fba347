"""The steps of an import, as Dagster ops."""
