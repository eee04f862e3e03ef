from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigongti.kernel import calendar, ids
from yigongti.kernel.ids import IdError, IdKind, RecordNumber, credit_code, identity, phone, record_number

KNOWN = "11010519491231002X"  # the example of GB 11643
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def test_the_standards_own_example_is_right_and_tells_birth_and_sex() -> None:
    found = identity(KNOWN)
    assert (found.kind, found.number) == (IdKind.RESIDENT, KNOWN)
    assert (found.birth, found.sex, found.division) == (date(1949, 12, 31), "female", "110105")


def test_full_width_blanks_and_small_x_are_the_same_number() -> None:
    assert identity(" １１０１０５ 1949 1231 002ｘ").number == KNOWN


@pytest.mark.parametrize("place", range(18))
def test_one_wrong_digit_anywhere_is_found(place: int) -> None:
    wrong = "0" if KNOWN[place] != "0" else "1"
    with pytest.raises(IdError, match="核对"):
        identity(KNOWN[:place] + wrong + KNOWN[place + 1 :])


def test_two_neighbours_swapped_are_found() -> None:
    with pytest.raises(IdError, match="核对"):
        identity("11010519491231020X")


@given(st.integers(0, 999_999), st.dates(date(1900, 1, 1), date(2025, 12, 31)), st.integers(0, 999))
def test_every_composed_number_is_right_whatever_its_division(division: int, birth: date, sequence: int) -> None:
    with calendar.at(datetime(2026, 3, 5, tzinfo=UTC)):
        number = ids.compose_resident(f"{division:06d}", birth, sequence)
        found = identity(number)
    assert found.birth == birth
    assert found.sex == ("male" if sequence % 2 else "female")
    total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False))
    assert number[-1] == "10X98765432"[total % 11]


def test_a_division_that_no_table_knows_is_no_reason_to_refuse() -> None:
    assert identity(ids.compose_resident("999999", date(1980, 1, 1), 1)).division == "999999"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("", "请填写居民身份证号码"),
        ("1101051949123100", "应为 18 位（旧号码 15 位），现为 16 位"),
        ("1" * 40, "现为 40 位"),
        ("11010519491331002X", "出生日期 19491331 不存在"),
        ("110105194902300021", "出生日期 19490230 不存在"),
        ("11010500000101002X", "不存在"),
        ("1101051949123100XX", "17 位数字加 1 位数字或 X"),
        ("110105194912310020", "校验位不符"),
        ("二一〇一〇五一九四九一二三一〇〇二", "核对"),
        ("1101051949123١002X", "17 位数字加 1 位数字或 X"),
    ],
)
def test_a_wrong_number_is_refused_with_what_is_wrong_and_what_to_do(number: str, words: str) -> None:
    with pytest.raises(IdError, match=words):
        identity(number)


def test_a_birth_date_may_be_today_but_not_tomorrow() -> None:
    with calendar.at(datetime(2026, 3, 5, 4, tzinfo=UTC)):
        today = date(2026, 3, 5)
        assert identity(ids.compose_resident("110105", today, 1)).birth == today
        with pytest.raises(IdError, match="晚于今天"):
            identity(ids.compose_resident("110105", today + timedelta(days=1), 1))
        with pytest.raises(IdError, match="超过 130 年"):
            identity(ids.compose_resident("110105", date(1895, 12, 31), 1))
        assert identity(ids.compose_resident("110105", date(1896, 1, 1), 1)).birth == date(1896, 1, 1)


def test_a_15_digit_number_becomes_18() -> None:
    assert identity("110105491231002").number == KNOWN
    assert ids.from_15("110105491231002") == KNOWN


def test_the_sequence_numbers_of_centenarians_mean_the_century_before() -> None:
    assert ids.from_15("110105991231996")[6:10] == "1899"
    assert ids.from_15("110105991231995")[6:10] == "1999"


@pytest.mark.parametrize("number", ["11010549123100", "11010549123100X", "", "1101054912310021"])
def test_what_is_not_15_digits_is_not_converted(number: str) -> None:
    with pytest.raises(IdError, match="15 位"):
        ids.from_15(number)


def test_a_residence_permit_is_checked_like_a_card_and_known_by_its_division() -> None:
    number = ids.compose_resident("810000", date(1990, 5, 6), 7)
    assert identity(number).kind is IdKind.RESIDENCE
    assert identity(number, IdKind.RESIDENCE).sex == "male"
    with pytest.raises(IdError, match="证件类型"):
        identity(KNOWN, IdKind.RESIDENCE)


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (IdKind.PASSPORT, "E12345678", "E1"),
        (IdKind.HONGKONG_MACAO, "h12345678", "A12345678"),
        (IdKind.TAIWAN, "12345678", "1234567"),
        (IdKind.FOREIGN_RESIDENT, "CHN123456789012", "CH1234"),
        (IdKind.MILITARY, "南字第01234567号", "南字"),
        (IdKind.BIRTH, "A330123456", "3301234567"),
    ],
)
def test_other_papers_are_checked_by_their_shape(kind: IdKind, right: str, wrong: str) -> None:
    found = identity(right, kind)
    assert (found.kind, found.birth, found.sex) == (kind, None, None)
    with pytest.raises(IdError, match=kind.label):
        identity(wrong, kind.value)


def test_a_foreign_residents_new_card_is_checked_by_its_last_sign() -> None:
    right = ids.compose_resident("911567", date(1990, 5, 6), 801)
    assert identity(right, IdKind.FOREIGN_RESIDENT).number == right
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    with pytest.raises(IdError, match="校验位不符"):
        identity(wrong, IdKind.FOREIGN_RESIDENT)


def test_a_newborn_needs_no_number_and_may_not_have_one() -> None:
    assert identity("", IdKind.NONE).number == ""
    with pytest.raises(IdError, match="暂无证件"):
        identity(KNOWN, IdKind.NONE)


def test_every_kind_of_paper_has_a_name() -> None:
    assert all(kind.label for kind in IdKind)


# --- organisations ---


def test_a_credit_code_is_right_by_the_standards_own_arithmetic() -> None:
    assert credit_code(" 91110108551385082q ") == "91110108551385082Q"


def test_a_credit_code_whose_sum_leaves_no_remainder_is_right() -> None:
    """(31 − 0) mod 31 is 0: implementations that forget the last mod fail here."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [3**place % 31 for place in range(17)]
    for serial in range(2000):
        body = f"121101050000{serial:05d}"
        if sum(alphabet.index(sign) * weight for sign, weight in zip(body, weights, strict=True)) % 31 == 0:
            assert credit_code(body + "0") == body + "0" == ids.compose_credit_code(body)
            return
    pytest.fail("no such code among the tried")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("91110108551385082", "现为 17 位"),
        ("9111010855138508IQ", "不用字母 I、O、S、V、Z"),
        ("A1110108551385082Q", "前 8 位为数字"),
        ("91110108551385082R", "校验位不符"),
        ("", "现为 0 位"),
    ],
)
def test_a_wrong_credit_code_is_refused_with_the_reason(number: str, words: str) -> None:
    with pytest.raises(IdError, match=words):
        credit_code(number)


# --- record numbers, phones, acts ---


def test_a_record_number_is_county_township_village_and_resident() -> None:
    number = RecordNumber("350427", "101", "203", 47)
    assert str(number) == "35042710120300047"
    assert number.spaced == "350427-101-203-00047"
    assert record_number("350427-101-203-00047") == record_number("３５０４２７10120300047") == number


@given(st.integers(0, 999_999), st.integers(0, 999), st.integers(0, 999), st.integers(1, 99_999))
def test_a_record_number_reads_back_as_it_was_composed(county: int, town: int, village: int, serial: int) -> None:
    number = RecordNumber(f"{county:06d}", f"{town:03d}", f"{village:03d}", serial)
    assert record_number(str(number)) == number


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("3504271012030004", "现为 16 位"),
        ("35042710120300000", "居民序号"),
        ("3504271012030004A", "17 位数字"),
        ("", "17 位"),
    ],
)
def test_a_wrong_record_number_is_refused(number: str, words: str) -> None:
    with pytest.raises(IdError, match=words):
        record_number(number)


def test_a_record_number_beyond_its_places_is_refused() -> None:
    with pytest.raises(IdError, match="99999"):
        RecordNumber("350427", "101", "203", 100_000)
    with pytest.raises(IdError, match="村（居）"):
        RecordNumber("350427", "101", "20", 1)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("138 1234 5678", "13812345678"),
        ("+86 13812345678", "13812345678"),
        ("0086-13812345678", "13812345678"),
        ("0598-5822345", "05985822345"),
        ("（0598）5822345", "05985822345"),
        ("5822345", "5822345"),
    ],
)
def test_a_phone_number_is_kept_as_digits(typed: str, digits: str) -> None:
    assert phone(typed) == digits


@pytest.mark.parametrize("typed", ["", "12812345678", "1381234567", "138123456789", "abc", "110"])
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(IdError, match="电话号码"):
        phone(typed)


def test_an_act_is_known_by_its_clients_uuid() -> None:
    one = uuid4()
    assert ids.client_id(str(one)) == one == ids.client_id(one)
    assert isinstance(ids.new_client_id(), UUID)
    for bad in ("", "1", "x" * 36):
        with pytest.raises(IdError, match="刷新页面"):
            ids.client_id(bad)
