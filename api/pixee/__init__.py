"""The Pixee-style API, /api/v1."""
