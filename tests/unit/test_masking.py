"""What leads to a person is taken out of any text, and nothing else is."""

import string
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paidan.engine.errors import NotFoundError, UsageError
from paidan.engine.intake.values import BadValueError
from paidan.engine.masking import ID_NUMBER, PHONE, masked, masked_name, masked_said, may_hold_number

GAPS = (" ", "-", "－", "—", "\u3000", " - ", "\u00a0")
WIDE = str.maketrans(string.digits + "+-()X", "０１２３４５６７８９＋－（）Ｘ")
AREAS = (("010", 8), ("021", 8), ("0571", 8), ("0632", 7), ("0701", 7))
PREFIXES = ("", "+86", "86", "0086", "(+86)", "(86)", "+86 ", "+86-", "86 ")
BORN = st.dates(date(1900, 1, 1), date(2026, 11, 20))


def digits(count):
    return st.text(string.digits, min_size=count, max_size=count)


@st.composite
def grouped(draw, number, *ways):
    """A number in one of several groupings."""
    gap, at, parts = draw(st.sampled_from(GAPS)), 0, []
    for count in draw(st.sampled_from(ways)):
        parts.append(number[at : at + count])
        at += count
    return gap.join(parts)


@st.composite
def mobiles(draw):
    number = "1" + draw(st.sampled_from("3456789")) + draw(digits(9))
    ways = st.just(draw(st.sampled_from(" -")).join(number))
    ways |= grouped(number, (11,), (3, 4, 4), (3, 3, 5), (3, 8), (7, 4), (4, 4, 3), (4, 7), (3, 2, 2, 2, 2))
    return draw(st.sampled_from(PREFIXES)) + draw(ways)


@st.composite
def landlines(draw):
    area, count = draw(st.sampled_from(AREAS))
    number = draw(st.sampled_from("2345678")) + draw(digits(count - 1))
    ways = ((8,), (4, 4)) if count == 8 else ((7,), (3, 4))
    local = draw(grouped(number, *ways))
    shapes = (
        f"{area}{local}",
        f"{area}-{local}",
        f"({area}){local}",
        f"({area}) {local}",
        f"+86-{area[1:]}-{local}",
    )
    return draw(st.sampled_from(shapes))


@st.composite
def toll_free(draw):
    return draw(grouped("400" + draw(digits(7)), (10,), (3, 3, 4), (3, 4, 3), (4, 3, 3), (3, 7), (4, 6)))


@st.composite
def ids(draw):
    born = draw(BORN)
    place = draw(st.sampled_from(("11", "13", "31", "37", "44", "50", "65", "71", "82"))) + draw(digits(4))
    if draw(st.booleans()):
        number = place + f"{born:%Y%m%d}" + draw(digits(3)) + draw(st.sampled_from(string.digits + "Xx"))
        return draw(
            grouped(number, (18,))
            | st.sampled_from(" -").flatmap(
                lambda gap: st.just(gap.join((number[:6], number[6:14], number[14:])))
            )
        )
    return place + f"{born:%y%m%d}" + draw(digits(3))


def plain(text):
    return "".join(
        one for one in text.translate({to: chr(at) for at, to in WIDE.items()}) if one in string.digits
    )


NO_DIGITS = st.text(st.characters(exclude_categories=("Nd", "Cs"), exclude_characters="+＋(（"), max_size=12)
PHONES = mobiles() | landlines() | toll_free()


@given(NO_DIGITS, PHONES | ids(), NO_DIGITS, st.booleans())
@example(before="", number="13812345678", after="", wide=False)
@example(before="tel", number="13812345678", after="X", wide=True)
def test_a_number_in_any_of_its_forms_is_gone_and_all_around_it_stays(before, number, after, wide):
    number = number.translate(WIDE) if wide else number
    assert masked(before + number + after) in (before + PHONE + after, before + ID_NUMBER + after)


@given(st.lists(st.tuples(NO_DIGITS, PHONES | ids()), min_size=1, max_size=4))
def test_each_of_several_numbers_is_gone(parts):
    text = masked("，".join(before + "：" + number for before, number in parts))
    assert not any(plain(number) in plain(text) for _, number in parts)
    assert text.count("〔") - sum(before.count("〔") for before, _ in parts) == len(parts)


@given(
    st.text(st.sampled_from("0123456789０１３８ -—+()（）Xx.，a姓〔〕电话") | st.characters(), max_size=60)
)
def test_masking_twice_changes_nothing(text):
    once = masked(text)
    assert masked(once) == once


@given(
    st.dictionaries(
        st.sampled_from(("caller", "phone", "address", "content")),
        st.text(st.sampled_from("张三李 -138路号a") | st.characters(exclude_characters="〔〕"), max_size=12),
    ),
    st.text(st.sampled_from("张三李 -138路号a〔〕"), max_size=40),
)
def test_masking_twice_changes_nothing_with_the_callers_own_words_either(own, text):
    text += "".join(own.values())
    once = masked(text, own)
    assert masked(once, own) == once


@given(st.lists(st.text(st.sampled_from("漏水a，。:/〔〕"), min_size=4) | st.integers(0, 10**9 - 1).map(str)))
def test_a_text_without_numbers_that_long_is_left_as_it_was(parts):
    text = "，".join(parts)
    assert masked(text) == text


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("actor", "role", "note", "repeat_of")),
            st.text(st.sampled_from("0123456789０１３８ -—+()（）Xx，a"), max_size=24) | PHONES | ids(),
        ),
        max_size=4,
    )
)
def test_what_may_hold_no_number_on_lines_of_its_own_is_left_as_it_was(said):
    if not may_hold_number("\n".join(text for _, text in said)):
        assert [masked_said(name, text) for name, text in said] == [text for _, text in said]


@pytest.mark.parametrize(
    "text",
    [
        "拨打12345或110",
        "工单20260302000123、SH202603020001234567",
        "编号 20260302-000123，第138号1234室",
        "2026-03-02 13:15:20至2026-03-13 18:00:00",
        "9913812345678、138123456789012",
        "12812345678、23812345678",
        "310115202613451234、990115199003071234",
        "1234567890123456789012",
        "金额150 200 300 25元",
        "sha256 " + "0123456789abcdef" * 2,
    ],
)
def test_order_numbers_times_and_long_runs_of_digits_are_no_phones(text):
    assert masked(text) == text


@pytest.mark.parametrize(
    ("own", "text", "shown"),
    [
        ({"caller": "张三"}, "张三来电", "〔姓名〕来电"),
        ({"address": "锦绣路１００号"}, "在锦绣路100号门口", "在〔地址〕门口"),
        ({"phone": "5812 3456"}, "回电58123456，不是581234567", "回电〔电话〕，不是581234567"),
        ({"caller": "An Li"}, "an li wants a plan line", "〔姓名〕 wants a plan line"),
        ({"caller": "李"}, "李子树", "李子树"),
        ({"phone": "12345"}, "拨打12345", "拨打12345"),
        ({"caller": "张三", "content": "张三说漏水"}, "诉求：张三说漏水", "诉求：〔诉求内容〕"),
        ({"address": "电话"}, "〔电话〕电话", "〔电话〕〔地址〕"),
    ],
)
def test_what_the_caller_says_of_themselves_is_gone_from_other_texts(own, text, shown):
    assert masked(text, own) == shown


def test_words_of_closed_lists_and_names_of_orders_stay():
    order = "310115202603021234"
    assert masked(order) == ID_NUMBER
    assert masked_said("repeat_of", order) == order
    assert masked_said("repeat_of", "13812345678") == PHONE
    assert masked_said("repeat_of", f"见{order}，13812345678") == f"见{ID_NUMBER}，{PHONE}"
    assert masked_said("unit", "甲科", {"caller": "甲科"}) == "甲科"
    assert masked_said("actor", "甲科", {"caller": "甲科"}) == "〔姓名〕"
    assert masked_name("JY-2026-0001") == "JY-2026-0001"


def test_an_error_echoes_no_number():
    for error in (
        UsageError("cli.no_pair", text="电话13812345678"),
        BadValueError("value_no_time", "at", "13812345678", ("a",)),
        NotFoundError("live.order_unknown", order="13812345678"),
    ):
        assert "13812345678" not in str(error) + repr(error) + repr(vars(error))
    bad = BadValueError("value_no_time", "at", "张三说", ("a",)).masked({"caller": "张三"})
    assert "张三" not in str(bad) + repr(bad) + repr(vars(bad)) + bad.value
    assert NotFoundError("live.order_unknown", order="20260302").details == {"order": "20260302"}
