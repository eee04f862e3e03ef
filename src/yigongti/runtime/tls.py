"""A certificate authority of the installation's own, for phones and tablets in the county's network.

Browsers open a camera, a microphone or an offline page only over HTTPS, and a county's server seldom has a public
name. So ``serve --tls`` makes an authority (ten years), issues a server certificate for this machine's names and
addresses (397 days, renewed by itself), and the page ``/ca`` hands out the authority's certificate.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_DAYS = 3650
SERVER_DAYS = 397  # phones refuse longer ones
RENEW_DAYS = 30


@dataclass(frozen=True)
class Files:
    """Paths of the authority's certificate and of the server's certificate chain and key (PKCS#8)."""

    authority: Path
    certificate: Path
    key: Path


def files_in(keys_dir: Path) -> Files:
    """Where the certificates lie: in the private directory ``tls`` below the keys."""
    folder = keys_dir / "tls"
    return Files(folder / "ca.crt", folder / "server.crt", folder / "server.key")


def ensure_certificates(keys_dir: Path, names: Iterable[str], now: datetime | None = None) -> Files:
    """Make the authority once, and a server certificate when there is none, its names changed, or it ends soon.

    ``names`` are host names and IP addresses (an IPv6 one may stand in brackets). An authority that a phone has
    installed is never replaced while it is valid.
    """
    now = now or datetime.now(UTC)
    files = files_in(keys_dir)
    files.authority.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = [name.strip("[]") for name in dict.fromkeys(names)]
    authority, authority_key = _authority(files, now)
    if not _good(files, authority, wanted, now):
        _issue(files, authority, authority_key, wanted, now)
    return files


def _authority(files: Files, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key_file = files.authority.with_name("ca.key")
    if files.authority.exists() and key_file.exists():
        certificate = x509.load_pem_x509_certificate(files.authority.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if certificate.not_valid_after_utc > now + timedelta(days=SERVER_DAYS) and isinstance(
            key, ec.EllipticCurvePrivateKey
        ):
            return certificate, key
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "医共体平台"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"医共体平台本地证书 {now:%Y%m%d}-{os.urandom(3).hex()}"),
        ]
    )
    certificate = (
        _builder(name, name, key, now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(key_file, _private(key), 0o600)
    _write(files.authority, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return certificate, key


def _good(files: Files, authority: x509.Certificate, wanted: list[str], now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        certificate.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, InvalidSignature):  # unreadable or another authority's: issued anew
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    has = {str(one.value) for one in names}
    return (
        files.key.exists()
        and {_text(name) for name in wanted} <= has
        and certificate.not_valid_after_utc > now + timedelta(days=RENEW_DAYS)
    )


def _issue(
    files: Files,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: list[str],
    now: datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    certificate = (
        _builder(subject, authority.subject, key, now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    chain = certificate.public_bytes(serialization.Encoding.PEM) + authority.public_bytes(serialization.Encoding.PEM)
    _write(files.key, _private(key), 0o600)
    _write(files.certificate, chain, 0o644)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days - 1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=authority, crl_sign=authority, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _text(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    draft = path.with_suffix(path.suffix + ".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    draft.replace(path)


def fingerprint(certificate: Path) -> str:
    """SHA-256 of the authority's certificate, in pairs, for a person to compare on the phone."""
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    return ":".join(f"{byte:02X}" for byte in loaded.fingerprint(hashes.SHA256()))
