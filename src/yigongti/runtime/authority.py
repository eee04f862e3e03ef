"""``/ca``: hands the installation's own certificate authority to a phone, and says how to install it."""

from __future__ import annotations

import base64
import io

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yigongti.kernel.access.web import page
from yigongti.kernel.download import download
from yigongti.runtime import tls


@page(public=True)
@require_safe
def explained(request: HttpRequest) -> HttpResponse:
    """How to install the certificate on a phone, with its fingerprint to compare and a code to scan."""
    files = tls.files_in(settings.INSTANCE.keys_dir)
    if not files.authority.exists():
        return render(request, "runtime/ca_absent.html", status=404)
    address = request.build_absolute_uri("/ca")
    return render(
        request,
        "runtime/ca.html",
        {"address": address, "code": _code(address), "fingerprint": tls.fingerprint(files.authority)},
    )


@page(public=True)
@require_safe
def certificate(request: HttpRequest) -> HttpResponse:
    """The authority's certificate (DER), as phones and Windows expect it. Its private key never leaves the disk."""
    files = tls.files_in(settings.INSTANCE.keys_dir)
    if not files.authority.exists():
        raise Http404
    der = x509.load_pem_x509_certificate(files.authority.read_bytes()).public_bytes(serialization.Encoding.DER)
    return download(der, "yigongti-ca.crt")


def _code(address: str) -> str:
    """The address as a QR code, in a data: address."""
    import segno

    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="png", scale=4, border=2)
    return "data:image/png;base64," + base64.b64encode(drawn.getvalue()).decode()
