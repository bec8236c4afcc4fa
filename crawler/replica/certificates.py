"""Certificates for portals on HTTPS, made when they are needed: good ones, expired ones, ones of another host."""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.replica.switches import Certificate

_YEAR: Final = timedelta(days=365)


class Authority:
    """An authority that nobody trusts but those who are given its certificate (`pem`, or SSL_CERT_FILE)."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "replica authority")])
        now = datetime.now(UTC)
        certificate = _sign(
            _builder(self._name, self._name, self._key.public_key(), now - _YEAR, now + _YEAR).add_extension(
                x509.BasicConstraints(ca=True, path_length=0), critical=True
            ),
            self._key,
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)

    def context(self, host: str, which: Callable[[], Certificate]) -> ssl.SSLContext:
        """A server's context for an address; `which` says at each handshake what certificate it shows."""
        contexts = {
            "valid": self._server(host, _YEAR),
            "expired": self._server(host, timedelta(days=-1)),
            "other": self._server("127.255.255.254", _YEAR),
        }

        def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, context: ssl.SSLContext) -> None:
            del name, context
            connection.context = contexts[which()]

        contexts["valid"].sni_callback = choose
        return contexts["valid"]

    def _server(self, host: str, left: timedelta) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        now = datetime.now(UTC)
        certificate = _sign(
            _builder(name, self._name, key.public_key(), now - _YEAR, now + left).add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False
            ),
            self._key,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "server.pem"
            path.write_bytes(
                key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
                + certificate.public_bytes(serialization.Encoding.PEM)
            )
            context.load_cert_chain(path)
        return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Any, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _sign(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    return builder.sign(key, hashes.SHA256())
