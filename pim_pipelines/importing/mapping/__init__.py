"""From a file's columns to product fields."""
