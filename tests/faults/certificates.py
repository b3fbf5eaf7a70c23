"""Certificates for the fault server, made when it starts."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "tls.example"
OTHER = "other.example"


def certified(folder: Path, file: str, *names: str, days: int = 1) -> ssl.SSLContext:
    """Return a server's context with a certificate of its own for the names.

    The certificate is `folder/file.pem`; it ends in so many `days`, which may be past.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    end = datetime.now(UTC) + timedelta(days=days)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(end - timedelta(days=2))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM)
    (folder / f"{file}.pem").write_bytes(pem)
    secret = folder / f"{file}-key.pem"
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{file}.pem", secret)
    return context


def contexts(folder: Path) -> dict[str, ssl.SSLContext]:
    """Return the servers' contexts by name, and write the file of those that are trusted."""
    made = {
        "tls": certified(folder, "tls", HOST),
        "tls-other": certified(folder, "tls-other", OTHER),
        "tls-expired": certified(folder, "tls-expired", HOST, days=-1),
        "tls-unknown": certified(folder, "tls-unknown", HOST, "127.0.0.1"),
    }
    trusted = [name for name in made if name != "tls-unknown"]
    (folder / "trusted.pem").write_text("".join((folder / f"{n}.pem").read_text() for n in trusted))
    return made


def _name(name: str) -> x509.GeneralName:
    if name[0].isdigit():
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)
