"""What a backup is on disk: files with their hashes, a manifest, and a seal over it; encrypted on request.

Layout of one backup::

    20261122-013000Z/
      database.dump     pg_dump, custom format          files/…   uploaded and printed files
      anchor/…          heads of the log's chain        manifest.json, manifest.mac

A backup that is not finished is called ``….part``: only a whole one ever gets its name. The keys are never in it; the
seal and the encryption use ``backup.key`` of the keys directory (HMAC-SM3 and SM4-GCM, as for encrypted fields).
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from yigongti.kernel.crypto import NONCE_BYTES, TAG_BYTES, CryptoError, SoftwareProvider

FORMAT = 1
CHUNK = 1 << 20
MANIFEST, SEAL, DUMP = "manifest.json", "manifest.mac", "database.dump"
NAME = re.compile(r"\d{8}-\d{6}Z(-\d+)?")
_PROVIDER = SoftwareProvider()


class BackupError(RuntimeError):
    """A backup can't be made, read or restored; the message says in Chinese what to do."""


@dataclass
class Manifest:
    """What is in a backup. Times are UTC in ISO format, sizes bytes, ``tables`` rows by table in the one snapshot."""

    made_at: str
    program: str
    schema: str
    migrations: list[str]
    postgres: int
    name: str
    encrypted: bool
    tables: dict[str, int]
    audit: tuple[int, str]
    keys: dict[str, str]
    files: dict[str, dict[str, int | str]] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def size(self) -> int:
        return sum(int(one["size"]) for one in self.files.values())


# ---- writing ---------------------------------------------------------------------------------------------------------


class Draft:
    """A backup being written; becomes one by :meth:`finish`, and vanishes when anything goes wrong before."""

    def __init__(self, folder: Path, name: str, secret: str, *, encrypt: bool) -> None:
        self.folder, self.name, self.secret, self.encrypt = folder / f"{name}.part", name, secret, encrypt
        self.files: dict[str, dict[str, int | str]] = {}
        self.folder.mkdir(parents=True, mode=0o700)

    @contextlib.contextmanager
    def file(self, name: str) -> Iterator[Sink]:
        """A file of the backup to write to; its size and hash are noted when it is whole."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(path, "wb", opener=_private) as file:
            sink = Sink(file, _file_key(self.secret) if self.encrypt else None, f"{self.name}/{name}")
            yield sink
            sink.end()
            file.flush()
            os.fsync(file.fileno())
        self.files[name] = {"size": sink.size, "sha256": sink.digest.hexdigest()}

    def finish(self, manifest: Manifest) -> Path:
        """Write manifest and seal, and give the backup its name; its directory."""
        manifest.files = self.files
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
        for name, content in ((MANIFEST, text), (SEAL, _seal(self.secret, text).encode())):
            with open(self.folder / name, "wb", opener=_private) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        whole = self.folder.with_name(self.name)
        self.folder.rename(whole)
        _sync_folder(whole.parent)
        return whole

    def discard(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Sink:
    """Takes bytes, encrypts them a chunk at a time when there is a key, and hashes what reaches the disk.

    An encrypted chunk is four bytes of length, nonce, ciphertext and tag; its place, and whether it is the last, are
    authenticated with it, so that chunks can't be swapped, dropped or cut off unseen.
    """

    def __init__(self, file: IO[bytes], key: bytes | None, context: str) -> None:
        self.inner, self.key, self.context = file, key, context
        self.digest, self.size, self.index, self.rest = hashlib.sha256(), 0, 0, bytearray()

    def write(self, data: bytes) -> None:
        """Write some bytes."""
        if self.key is None:
            return self._out(data)
        self.rest += data
        while len(self.rest) > CHUNK:
            self._chunk(bytes(self.rest[:CHUNK]), last=False)
            del self.rest[:CHUNK]

    def end(self) -> None:
        """Write what is left."""
        if self.key is not None:
            self._chunk(bytes(self.rest), last=True)

    def _chunk(self, plain: bytes, *, last: bool) -> None:
        assert self.key is not None
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + _PROVIDER.seal(self.key, nonce, plain, _context(self.context, self.index, last))
        self.index += 1
        self._out(len(sealed).to_bytes(4, "big") + sealed)

    def _out(self, data: bytes) -> None:
        self.inner.write(data)
        self.digest.update(data)
        self.size += len(data)


# ---- reading ---------------------------------------------------------------------------------------------------------


def newest(folder: Path) -> Path | None:
    """The newest whole backup in a directory of backups; None when there is none."""
    return max(whole(folder), default=None, key=lambda one: one.name)


def whole(folder: Path) -> list[Path]:
    """Every finished backup in a directory, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.iterdir() if NAME.fullmatch(one.name) and (one / MANIFEST).is_file())


def open_backup(path: Path) -> Path:
    """A backup, or the newest one in a directory of backups. Raises BackupError when there is none."""
    if (path / MANIFEST).is_file() and not path.name.endswith(".part"):
        return path
    found = newest(path)
    if found is None:
        half = path.name.endswith(".part") or any(path.glob("*.part"))
        why = "那里只有没有做完的备份（.part），不能用来恢复" if half else "那里没有备份"
        raise BackupError(f"{path}：{why}。请指出一份完整备份的目录，或存放备份的目录。")
    return found


def check(backup: Path, secret: str | None) -> Manifest:
    """Read the manifest and hold every file against it; with the keys at hand the seal too.

    Raises BackupError naming the file that is missing, cut off or altered.
    """
    try:
        text = (backup / MANIFEST).read_bytes()
        raw = json.loads(text)
        if raw.get("format") != FORMAT:
            raise BackupError(
                f"备份 {backup} 的格式是 {raw.get('format')}，本程序只认 {FORMAT}。请用做这份备份的程序版本恢复。"
            )
        manifest = Manifest(**{**raw, "audit": tuple(raw["audit"])})
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupError(f"备份 {backup} 的清单 {MANIFEST} 读不出来，备份已损坏。请改用另一份备份。") from error
    if secret is not None and not hmac.compare_digest(_seal(secret, text), _text(backup / SEAL)):
        raise BackupError(
            f"备份 {backup} 的清单与封签不符：清单被改动过，或密钥目录不是这套系统的。请核对 --keys，或改用另一份备份。"
        )
    for name, noted in manifest.files.items():
        _check_file(backup, name, noted)
    return manifest


def _check_file(backup: Path, name: str, noted: dict[str, int | str]) -> None:
    path = backup / name
    if not path.resolve().is_relative_to(backup.resolve()):
        raise BackupError(f"备份清单中的文件名 {name} 指向备份以外，拒绝读取。请改用另一份备份。")
    try:
        size = path.stat().st_size
    except OSError as error:
        raise BackupError(f"备份 {backup} 缺少文件 {name}。请改用另一份备份。") from error
    if size != noted["size"]:
        raise BackupError(
            f"备份文件 {name} 应为 {noted['size']} 字节，实际 {size} 字节：被截断或改动。请改用另一份备份。"
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != noted["sha256"]:
        raise BackupError(f"备份文件 {name} 的内容与清单不符：被改动或已损坏。请改用另一份备份。")


def read(backup: Path, manifest: Manifest, name: str, secret: str | None) -> Iterator[bytes]:
    """A file's content, decrypted when the backup is encrypted. Raises BackupError when it does not open."""
    with (backup / name).open("rb") as file:
        if not manifest.encrypted:
            while data := file.read(CHUNK):
                yield data
            return
        if secret is None:
            raise BackupError("这份备份是加密的。请用 --keys 指出密钥目录的副本（其中的 backup.key）。")
        yield from _decrypted(file, _file_key(secret), f"{manifest.name}/{name}")


def _decrypted(file: IO[bytes], key: bytes, context: str) -> Iterator[bytes]:
    index, head = 0, file.read(4)
    while head:
        sealed = file.read(int.from_bytes(head, "big"))
        following = file.read(4)
        try:
            if len(head) < 4 or len(sealed) < NONCE_BYTES + TAG_BYTES:
                raise CryptoError("cut off")
            body = sealed[NONCE_BYTES:]
            yield _PROVIDER.open(key, sealed[:NONCE_BYTES], body, _context(context, index, not following))
        except CryptoError as error:
            raise BackupError(
                f"备份文件 {context} 解不开：内容被改动，或密钥不是这套系统的。请核对 --keys。"
            ) from error
        index, head = index + 1, following


# ---- keys ------------------------------------------------------------------------------------------------------------


def field_key_marks(path: Path) -> dict[str, str]:
    """A short mark of each field key, by its id: tells whether a key file fits, tells nothing of the key."""
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))["keys"]
        return {str(one["id"]): hashlib.sha256(f"ygt mark {one['sm4']}".encode()).hexdigest()[:16] for one in keys}
    except FileNotFoundError:
        return {}


def kept_secret(keys: Path) -> str | None:
    """The backup secret in a keys directory; None when it is not there. Never makes one."""
    try:
        return (keys / "backup.key").read_text().strip()
    except OSError:
        return None


def _file_key(secret: str) -> bytes:
    return _PROVIDER.mac(secret.encode(), b"yigongti backup: files")[:16]


def _seal(secret: str, text: bytes) -> str:
    return _PROVIDER.mac(_PROVIDER.mac(secret.encode(), b"yigongti backup: manifest"), text).hex()


def _context(name: str, index: int, last: bool) -> bytes:
    return f"{name}#{index}{'.' if last else ''}".encode()


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, ValueError):
        return ""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
