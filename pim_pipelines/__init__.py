"""Product imports as Dagster runs: supplier files in, a product catalogue out."""
