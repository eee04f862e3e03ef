"""The codes of health cards: what stands in a QR code, how it is made and read again. Pure: keys and clock are given.

A dynamic code is ``YD`` + card number (16) + time (8 hexadecimal digits, seconds) + nonce (8) + seal (16); a paper code is
``YP`` + card number + seal. Letters and digits only, so that a scanner that types like a keyboard gets it through. The form is
the platform's own; the national format of the electronic health card is not claimed (unconfirmed).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

DYNAMIC, PAPER = "YD", "YP"
_CODE = re.compile(r"(YD)(\d{16})([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{16})|(YP)(\d{16})([0-9A-F]{16})")
SEAL = 16
Seal = Callable[[str], bytes]
"""The keyed digest of a text."""


@dataclass(frozen=True)
class Code:
    """A code that is genuine: whose card, how it was shown, and for a dynamic one its nonce and age in seconds."""

    number: str
    how: str
    nonce: str = ""
    age: int = 0


class CodeFault(ValueError):
    """A code that can't be used; `remedy` says what to do instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def looks_like(text: str) -> bool:
    """Whether a typed or scanned text has the form of one of our codes."""
    return _CODE.fullmatch(text.strip().upper()) is not None


def dynamic(number: str, *, at: int, nonce: str, seal: Seal) -> str:
    """The code of this moment. `at`: seconds since 1970; `nonce`: 8 hexadecimal digits, never twice."""
    body = f"{DYNAMIC}{number}{at:08X}{nonce}"
    return body + seal(body).hex()[:SEAL].upper()


def paper(number: str, *, seal: Seal) -> str:
    """The code printed on paper; good as long as the card is."""
    body = f"{PAPER}{number}"
    return body + seal(body).hex()[:SEAL].upper()


def read(text: str, *, now: int, valid: int, seal: Seal) -> Code:
    """What a code says. `valid`: seconds that a dynamic code may be old.

    Raises CodeFault for a text that is none, a forged one, one of another installation, one that has run out.
    """
    found = _CODE.fullmatch(text.strip().upper())
    if found is None:
        raise CodeFault("这不是本平台的健康码", "请居民打开“我的健康码”，或改用身份证、医保卡")
    plain = text.strip().upper()
    if seal(plain[:-SEAL]).hex()[:SEAL].upper() != plain[-SEAL:]:
        raise CodeFault("健康码校验不通过，不是本平台签发的", "请居民刷新健康码再扫；仍不行的改用身份证核对")
    if found[1] is None:
        return Code(found[7], "paper")
    made = int(found[3], 16)
    age = now - made
    if age > valid or age < -valid:
        raise CodeFault(f"健康码已过期（有效 {valid} 秒）", "请居民刷新健康码后再扫一次")
    return Code(found[2], "dynamic", found[4], max(age, 0))


def check_digit(body: str) -> str:
    """The last digit of a card number (Luhn)."""
    total = 0
    for place, sign in enumerate(reversed(body)):
        digit = int(sign) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return str(-total % 10)


def number(county: str, drawn: int) -> str:
    """A card number: county (6), nine drawn digits, check digit."""
    body = f"{county[:6]}{drawn:09d}"
    return body + check_digit(body)


def is_number(text: str) -> bool:
    """Whether 16 digits are a card number: the check digit is right."""
    return bool(re.fullmatch(r"\d{16}", text)) and check_digit(text[:-1]) == text[-1]
