"""Webhooks: how an event is signed and sent to a receiver."""
