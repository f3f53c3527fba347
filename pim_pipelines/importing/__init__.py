"""The core: from the bytes of a supplier file to checked rows. Knows neither Dagster nor FastAPI."""
