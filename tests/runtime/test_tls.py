"""The installation's own certificate authority."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from yigongti.runtime import tls

NOW = datetime(2026, 7, 1, tzinfo=UTC)
NAMES = ["localhost", "127.0.0.1", "[::1]", "server.county.example", "10.0.0.8"]


def _server(files: tls.Files) -> x509.Certificate:
    return x509.load_pem_x509_certificates(files.certificate.read_bytes())[0]


def test_the_server_certificate_names_every_host_and_is_issued_by_the_authority(tmp_path: Path) -> None:
    files = tls.ensure_certificates(tmp_path, NAMES, NOW)
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    server = _server(files)
    server.verify_directly_issued_by(authority)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(name.value) for name in names} == {"localhost", "127.0.0.1", "::1", "server.county.example", "10.0.0.8"}
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_private_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    files = tls.ensure_certificates(tmp_path, NAMES, NOW)
    for key in (files.key, files.authority.with_name("ca.key")):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_second_start_keeps_both_certificates(tmp_path: Path) -> None:
    first = tls.ensure_certificates(tmp_path, NAMES, NOW)
    kept = first.authority.read_bytes(), first.certificate.read_bytes()
    again = tls.ensure_certificates(tmp_path, NAMES, NOW + timedelta(days=1))
    assert (again.authority.read_bytes(), again.certificate.read_bytes()) == kept


def test_a_new_name_gives_a_new_server_certificate_under_the_same_authority(tmp_path: Path) -> None:
    first = tls.ensure_certificates(tmp_path, NAMES, NOW)
    kept = first.authority.read_bytes(), first.certificate.read_bytes()
    again = tls.ensure_certificates(tmp_path, [*NAMES, "10.0.0.9"], NOW)
    assert again.authority.read_bytes() == kept[0]
    assert again.certificate.read_bytes() != kept[1]


def test_a_certificate_is_renewed_thirty_days_before_it_ends_and_not_a_day_sooner(tmp_path: Path) -> None:
    files = tls.ensure_certificates(tmp_path, NAMES, NOW)
    kept, ends = files.certificate.read_bytes(), _server(files).not_valid_after_utc
    assert ends - NOW < timedelta(days=398)
    tls.ensure_certificates(tmp_path, NAMES, ends - timedelta(days=tls.RENEW_DAYS, seconds=1))
    assert files.certificate.read_bytes() == kept
    tls.ensure_certificates(tmp_path, NAMES, ends - timedelta(days=tls.RENEW_DAYS))
    assert files.certificate.read_bytes() != kept


def test_a_certificate_of_another_authority_is_replaced(tmp_path: Path) -> None:
    files = tls.ensure_certificates(tmp_path / "a", NAMES, NOW)
    other = tls.ensure_certificates(tmp_path / "b", NAMES, NOW)
    files.certificate.write_bytes(other.certificate.read_bytes())
    tls.ensure_certificates(tmp_path / "a", NAMES, NOW)
    _server(files).verify_directly_issued_by(x509.load_pem_x509_certificate(files.authority.read_bytes()))
