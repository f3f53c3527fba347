"""The `pim` command."""
