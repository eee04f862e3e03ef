import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yigongti.kernel.money import (
    MAX_FEN,
    WHOLE,
    MoneyError,
    capitals,
    half_up,
    mul,
    parse_yuan,
    percent,
    split,
    yuan,
)

amounts = st.integers(0, 10**13)
weights = st.dictionaries(st.integers(1, 10_000), st.integers(0, 10**9), min_size=1, max_size=40).filter(
    lambda found: any(found.values())
)


def the_split_is_exact_whatever_the_order(total: int, shares: dict[int, int], dice: random.Random) -> None:
    result = split(total, shares)
    assert sum(result.values()) == total
    assert list(result) == sorted(shares)
    shuffled = list(shares.items())
    dice.shuffle(shuffled)
    assert split(total, dict(shuffled)) == result


@settings(max_examples=300)
@given(st.integers(-(10**13), 10**13), weights, st.randoms(use_true_random=False))
def test_a_split_gives_every_fen_to_someone_whatever_the_order(
    total: int, shares: dict[int, int], dice: random.Random
) -> None:
    the_split_is_exact_whatever_the_order(total, shares, dice)


def test_ten_thousand_random_splits_give_every_fen_to_someone_whatever_the_order() -> None:
    dice = random.Random(20261121)
    for _ in range(10_000):
        keys = dice.sample(range(1, 1_000), dice.randint(1, 30))
        scale = 10 ** dice.randint(0, 9)
        shares = {key: dice.choice((0, 1, dice.randint(1, scale))) for key in keys}
        shares[keys[0]] += 1
        the_split_is_exact_whatever_the_order(dice.randint(-(10**12), 10**12), shares, dice)


@settings(max_examples=200)
@given(amounts, weights)
def test_a_share_is_never_a_whole_fen_away_from_the_exact_one(total: int, shares: dict[int, int]) -> None:
    whole = sum(shares.values())
    for key, share in split(total, shares).items():
        assert abs(share - Fraction(total * shares[key], whole)) < 1
        assert share >= 0
        assert shares[key] or share == 0


def test_the_fen_left_over_goes_to_the_largest_remainder() -> None:
    assert split(100, {1: 1, 2: 1, 3: 4}) == {1: 17, 2: 17, 3: 66}  # 16.67, 16.67, 66.67: ties to the lower
    assert split(10, {"b": 1, "a": 1, "c": 1}) == {"a": 4, "b": 3, "c": 3}
    assert split(1, {1: 49, 2: 51}) == {1: 0, 2: 1}


def test_a_split_by_fractions_is_exact() -> None:
    assert split(100, {1: Fraction(1, 3), 2: Fraction(2, 3)}) == {1: 33, 2: 67}


def test_a_negative_total_is_the_mirror_image() -> None:
    assert split(-10, {1: 1, 2: 1, 3: 1}) == {1: -4, 2: -3, 3: -3}


@pytest.mark.parametrize("shares", [{}, {1: 0}, {1: 0, 2: 0}])
def test_a_split_among_nobody_is_an_error(shares: dict[int, int]) -> None:
    with pytest.raises(MoneyError, match="没有可分配的对象"):
        split(5, shares)


def test_a_negative_weight_is_an_error() -> None:
    with pytest.raises(MoneyError, match="权重不能为负"):
        split(5, {1: 3, 2: -1})


@pytest.mark.parametrize(
    ("amount", "bp", "result"),
    [(1, 4_999, 0), (1, 5_000, 1), (3, 5_000, 2), (12_345, 6_500, 8_024), (7, WHOLE, 7)],
)
def test_a_share_in_basis_points_is_rounded_half_up(amount: int, bp: int, result: int) -> None:
    assert mul(amount, bp) == result


@given(amounts, st.integers(0, 50_000))
def test_mul_is_the_exact_product_rounded_half_up(amount: int, bp: int) -> None:
    assert mul(amount, bp) == half_up(amount * bp, WHOLE) == int(Fraction(amount * bp, WHOLE) + Fraction(1, 2))


def test_a_division_without_remainder_is_exact() -> None:
    assert half_up(3, 1) == 3
    assert half_up(0, 5) == 0


def test_an_amount_beyond_the_largest_is_refused_the_largest_is_not() -> None:
    assert parse_yuan(yuan(MAX_FEN)) == MAX_FEN == 10**15
    with pytest.raises(MoneyError, match="超出可填写的范围"):
        parse_yuan(yuan(MAX_FEN + 1))
    with pytest.raises(MoneyError, match="超出可书写的范围"):
        capitals(MAX_FEN + 1)


def test_negative_amounts_and_rates_are_refused_not_rounded_the_other_way() -> None:
    for amount, bp in ((-1, 100), (1, -100)):
        with pytest.raises(MoneyError, match="不能为负"):
            mul(amount, bp)
    for numerator, denominator in ((-1, 2), (1, 0)):
        with pytest.raises(MoneyError):
            half_up(numerator, denominator)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (100_000, "1,000.00"), (-123_456_780, "-1,234,567.80")],
)
def test_an_amount_shows_in_yuan_with_separators_and_two_decimals(amount: int, text: str) -> None:
    assert yuan(amount) == text


def test_a_signed_amount_shows_its_plus() -> None:
    assert [yuan(amount, sign=True) for amount in (1, 0, -1)] == ["+0.01", "0.00", "-0.01"]


@given(st.integers(-MAX_FEN, MAX_FEN))
def test_an_amount_shown_reads_back_as_itself(amount: int) -> None:
    assert parse_yuan(yuan(amount)) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", 1200),
        ("12.5", 1250),
        ("１２．５０", 1250),
        ("¥1,234.50", 123_450),
        (" 3 元 ", 300),
        ("-0.01", -1),
        ("1.500", 150),
    ],
)
def test_a_typed_amount_is_read_to_the_fen(text: str, amount: int) -> None:
    assert parse_yuan(text) == amount


@pytest.mark.parametrize("text", ["", "abc", "1.234", "1,23.00", "12,34,567", "1e5", "1.2.3", "9" * 30, "--1", "NaN"])
def test_what_is_no_amount_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(MoneyError, match=r"最多两位小数|超出"):
        parse_yuan(text)


@pytest.mark.parametrize(("bp", "text"), [(6_500, "65%"), (1_250, "12.5%"), (1, "0.01%"), (0, "0%"), (-50, "-0.5%")])
def test_basis_points_show_as_a_percentage(bp: int, text: str) -> None:
    assert percent(bp) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (105, "壹元零伍分"),
        (123_450, "壹仟贰佰叁拾肆元伍角整"),
        (1_000_000, "壹万元整"),
        (10_001_00, "壹万零壹元整"),
        (100_500_000, "壹佰万伍仟元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (1_100_000, "壹万壹仟元整"),
        (1_099_900, "壹万零玖佰玖拾玖元整"),
        (MAX_FEN, "壹拾万亿元整"),
        (-1_010_10, "负壹仟零壹拾元壹角整"),
        (10_0001_0000_00, "壹拾亿零壹万元整"),
    ],
)
def test_an_amount_is_written_in_capital_numerals(amount: int, text: str) -> None:
    assert capitals(amount) == text
