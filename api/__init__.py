"""The HTTP API: a thin shim that launches runs and reads rows."""
