"""How servers prove who they are: by a certificate of an authority that this machine or Mozilla trusts."""

import ssl
from functools import cache

import certifi

from pim_pipelines.errors import SourceError
from pim_pipelines.sources.egress import NetworkTrouble


@cache
def client_context() -> ssl.SSLContext:
    """Return the context of every TLS connection. Authorities of one's own: SSL_CERT_FILE, as OpenSSL reads it."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())  # a slim container may have none of its own
    return context


def trouble(error: ssl.SSLError, host: str) -> SourceError:
    """Return what a failed handshake is to the user."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return SourceError(f"The certificate of {host} is not trusted ({error.verify_message}): nothing was sent.")
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return NetworkTrouble(f"{host} closed the connection while encryption was being agreed on.")
    return SourceError(f"No encrypted connection with {host} could be made: {error.reason or 'TLS failed'}.")
