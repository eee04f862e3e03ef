import base64
import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigongti.kernel import crypto
from yigongti.kernel.crypto import CryptoError, KeyFileError, KeyRing, SoftwareProvider, create_key_file, load_key_file

NUMBER = "11010519491231002X"
WHERE = "resident.id_number"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "fields.json"
    create_key_file(path)
    return path


@pytest.fixture
def ring() -> KeyRing:
    return crypto.throwaway_ring()


# --- the algorithms ---


def test_sm3_gives_the_standards_own_digest() -> None:
    assert crypto.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert crypto.sm3(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


def test_hmac_sm3_is_two_digests_with_padded_keys() -> None:
    """Against the definition (RFC 2104), computed by hand from the digest alone."""
    for key in (b"k", b"k" * 32, b"k" * 64):
        inner = bytes(sign ^ 0x36 for sign in key.ljust(64, b"\0"))
        outer = bytes(sign ^ 0x5C for sign in key.ljust(64, b"\0"))
        expected = crypto.sm3(outer + crypto.sm3(inner + b"message"))
        assert SoftwareProvider().mac(key, b"message") == expected


def test_sm4_gcm_gives_the_published_vector() -> None:
    """RFC 8998, appendix A.1."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    context = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = bytes.fromhex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    )
    sealed = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert SoftwareProvider().seal(key, nonce, plain, context) == sealed
    assert SoftwareProvider().open(key, nonce, sealed, context) == plain


# --- values ---


@given(st.text(max_size=40))
def test_a_value_opens_as_what_was_sealed(value: str) -> None:
    ring = crypto.throwaway_ring()
    assert ring.decrypt(ring.encrypt(value, context=WHERE), context=WHERE) == value


def test_a_stored_value_shows_nothing_of_itself_and_is_never_the_same_twice(ring: KeyRing) -> None:
    one, two = ring.encrypt(NUMBER, context=WHERE), ring.encrypt(NUMBER, context=WHERE)
    assert one != two
    assert NUMBER not in one
    assert NUMBER.encode().hex() not in base64.urlsafe_b64decode(one.rpartition(".")[2] + "==").hex()
    assert one.startswith("1.throwaway.")


def test_an_empty_value_stays_empty(ring: KeyRing) -> None:
    assert ring.encrypt("", context=WHERE) == "" == ring.decrypt("", context=WHERE)
    assert ring.index_identity("") == ""


def test_every_changed_sign_of_a_stored_value_is_found(ring: KeyRing) -> None:
    head, _, encoded = ring.encrypt(NUMBER, context=WHERE).rpartition(".")
    blob = bytearray(base64.urlsafe_b64decode(encoded + "=="))
    for place in range(len(blob)):
        changed = blob.copy()
        changed[place] ^= 1
        with pytest.raises(CryptoError, match="改动"):
            ring.decrypt(f"{head}.{base64.urlsafe_b64encode(changed).decode().rstrip('=')}", context=WHERE)


def test_a_value_moved_to_another_column_does_not_open(ring: KeyRing) -> None:
    with pytest.raises(CryptoError, match="不属于这个字段"):
        ring.decrypt(ring.encrypt(NUMBER, context=WHERE), context="resident.phone")


@pytest.mark.parametrize("stored", ["x", NUMBER, "1..", "1.throwaway.AAAA", "2.throwaway." + "A" * 60, "1.throwaway.é"])
def test_what_was_never_sealed_is_refused(ring: KeyRing, stored: str) -> None:
    with pytest.raises(CryptoError, match="格式不正确"):
        ring.decrypt(stored, context=WHERE)


def test_a_wrong_key_of_the_same_name_opens_nothing(ring: KeyRing) -> None:
    stored = ring.encrypt(NUMBER, context=WHERE)
    with pytest.raises(CryptoError, match="校验未通过"):
        crypto.throwaway_ring().decrypt(stored, context=WHERE)


# --- look-ups ---


def test_equal_numbers_have_equal_indexes_and_each_index_has_a_key_of_its_own(ring: KeyRing) -> None:
    assert ring.index_identity(NUMBER) == ring.index_identity(NUMBER) != ring.index_identity(NUMBER[:-1] + "1")
    assert len({ring.index_identity("0021"), ring.index_phone("0021"), ring.index_last4("0021")}) == 3
    assert crypto.throwaway_ring().index_identity(NUMBER) != ring.index_identity(NUMBER)


def test_the_last_four_are_indexed_whatever_stands_before_them(ring: KeyRing) -> None:
    assert ring.index_last4(NUMBER) == ring.index_last4("002X") != ring.index_last4("0021")


# --- the key file ---


def test_a_new_key_file_is_for_its_owner_alone(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_an_existing_key_file_is_never_overwritten(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(KeyFileError, match="已存在，不会覆盖"):
        create_key_file(file)
    assert file.read_bytes() == before
    assert crypto.ensure_key_file(file).key_ids == load_key_file(file).key_ids


def test_a_key_file_that_is_missing_is_made_only_where_that_is_asked(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"找不到密钥文件.*切勿新建"):
        load_key_file(tmp_path / "none.json")
    assert crypto.ensure_key_file(tmp_path / "none.json").key_ids


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_a_key_file_open_to_others_is_refused_with_the_remedy(file: Path) -> None:
    file.chmod(0o640)
    with pytest.raises(KeyFileError, match=r"0640.*chmod 600"):
        load_key_file(file)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("not json", "已损坏"),
        ("[]", "已损坏"),
        ({"format": 9}, "格式版本 9"),
        ({"format": 1}, "内容不完整"),
        ({"keys": []}, "没有密钥"),
        ({"keys": [{"id": "a", "sm4": "00" * 16}] * 2}, "重复"),
        ({"keys": [{"id": "a.b", "sm4": "00" * 16}]}, "无效"),
        ({"keys": [{"id": "a", "sm4": "00"}]}, "长度不对"),
        ({"keys": [{"id": "a", "sm4": "zz"}]}, "内容不完整"),
        ({"indexes": {"identity": "00" * 32}}, "内容不完整"),
        ({"indexes": dict.fromkeys(crypto.INDEXES, "00" * 32)}, "索引密钥相同"),
    ],
)
def test_a_damaged_key_file_is_refused_with_the_remedy(file: Path, damage: object, words: str) -> None:
    if isinstance(damage, dict) and set(damage) != {"format"}:
        damage = {**json.loads(file.read_text()), **damage}
    file.write_text(damage if isinstance(damage, str) else json.dumps(damage))
    with pytest.raises(KeyFileError, match=words) as caught:
        load_key_file(file)
    assert "请" in str(caught.value)


def test_after_a_rotation_old_values_open_new_ones_use_the_new_key_and_all_can_be_rewritten(file: Path) -> None:
    old = load_key_file(file)
    stored = old.encrypt(NUMBER, context=WHERE)
    new = crypto.add_key(file)
    assert new.key_ids == (*old.key_ids, new.key_ids[-1])
    assert new.decrypt(stored, context=WHERE) == NUMBER
    assert new.index_identity(NUMBER) == old.index_identity(NUMBER)
    assert new.outdated(stored)
    fresh = new.rewrite(stored, context=WHERE)
    assert not new.outdated(fresh)
    assert new.rewrite(fresh, context=WHERE) == fresh
    assert new.decrypt(fresh, context=WHERE) == NUMBER
    with pytest.raises(CryptoError, match=f"密钥 {new.key_ids[-1]} 不在密钥文件中"):
        old.decrypt(fresh, context=WHERE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_keys_never_show_in_a_representation(file: Path) -> None:
    ring = load_key_file(file)
    secret = json.loads(file.read_text())["keys"][0]["sm4"]
    assert secret not in repr(ring)
    assert repr(bytes.fromhex(secret)) not in repr(ring)


# --- the check of the installation ---


def test_a_sound_installation_has_no_problems(file: Path) -> None:
    assert crypto.problems(file) == []


def test_a_missing_key_file_is_a_problem_with_a_remedy(tmp_path: Path) -> None:
    assert "找不到密钥文件" in crypto.problems(tmp_path / "none")[0]


def test_a_provider_that_does_not_give_back_what_it_sealed_is_a_problem() -> None:
    class Broken(SoftwareProvider):
        def open(self, key: bytes, nonce: bytes, sealed: bytes, context: bytes) -> bytes:
            return b"something else"

    assert "自检不通过" in crypto.problems(provider=Broken())[0]


def test_the_installations_ring_can_be_replaced_for_a_block(ring: KeyRing) -> None:
    with crypto.using(ring):
        assert crypto.ring() is ring
