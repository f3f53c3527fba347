"""The headers by which a receiver knows that a body is ours.

`X-PM-Signature` is the hex HMAC-SHA256 of the raw body by the secret's bytes. The others are those of Standard Webhooks
(standardwebhooks.com, spec 1.0): `webhook-signature: v1,<base64>` over `<id>.<timestamp>.<body>`, by the secret's
bytes, or by what a secret that begins with `whsec_` is the base64 of.
"""

import base64
import binascii
import hashlib
import hmac

STANDARD_PREFIX = "whsec_"


def headers(secret: str | None, event_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a body that is sent at `timestamp` (epoch seconds); without a secret it is not signed."""
    named = {"webhook-id": event_id, "webhook-timestamp": str(timestamp)}
    if secret is None:
        return named
    signed = f"{event_id}.{timestamp}.".encode() + body
    standard = base64.b64encode(hmac.digest(standard_key(secret), signed, hashlib.sha256)).decode()
    plain = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    return {**named, "webhook-signature": f"v1,{standard}", "X-PM-Signature": f"sha256={plain}"}


def standard_key(secret: str) -> bytes:
    """Return the key of the Standard Webhooks signature; raises ValueError where `whsec_…` is not base64."""
    if not secret.startswith(STANDARD_PREFIX):
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("a secret that begins with whsec_ goes on in base64") from error
    if not key:
        raise ValueError("a secret that begins with whsec_ goes on in base64")
    return key
