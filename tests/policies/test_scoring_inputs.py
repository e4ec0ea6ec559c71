"""Units and adjustments files: read, or rejected with row, column and what is allowed."""

import pytest
from support.scores import JY, at, roster

from paidan.engine.errors import InputError
from paidan.engine.intake.adjustments import read_adjustments
from paidan.engine.intake.rosters import read_roster
from paidan.engine.messages import say

POLICY = JY.policy(JY.versions[0])


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "file.csv"
    path.write_text(text, encoding=encoding)
    return path


def adjustments(tmp_path, *rows, units=None, header="unit,at,code,points,order_id,good,confirmed_by,note"):
    return read_adjustments(written(tmp_path, "\n".join((header, *rows))), POLICY, units)


def test_adjustments_are_read(tmp_path):
    read, rejected = adjustments(
        tmp_path,
        "A,2026-03-31,praise,1.5,,,centre_head,市媒体",
        "A,2026/3/5 9:32:09,three_duty,,GD1,是,,",
        "A,2026-03-31T17:00:00Z,talk_main,3,,否,,",
    )
    assert rejected == []
    assert [(one.code, one.month, one.good, one.row) for one in read] == [
        ("praise", "2026-03", None, 1),
        ("three_duty", "2026-03", True, 2),
        ("talk_main", "2026-04", False, 3),
    ]
    assert (str(read[0].points), read[0].confirmed_by, read[1].order_id, read[1].points) == (
        "3/2",
        "centre_head",
        "GD1",
        None,
    )


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (",2026-03-31,absent,,,,,", "unit", "unit_missing"),
        ("Z,2026-03-31,absent,,,,,", "unit", "adjustment_unit_unknown"),
        ("A,2026-02-30,absent,,,,,", "at", "adjustment_time_wanted"),
        ("A,,absent,,,,,", "at", "adjustment_time_wanted"),
        ("A,2026-03-31,org_rules,5,,,,", "code", "adjustment_code_unknown"),
        ("A,2026-03-31,praise,,,,,", "points", "adjustment_points_missing"),
        ("A,2026-03-31,praise,0.99,,,,", "points", "adjustment_points_outside"),
        ("A,2026-03-31,praise,3.01,,,,", "points", "adjustment_points_outside"),
        ("A,2026-03-31,talk_main,1,,,,", "points", "adjustment_points_outside"),
        ("A,2026-03-31,three_duty,1.5,,,,", "points", "adjustment_points_outside"),
        ("A,2026-03-31,praise,nan,,,,", "points", "adjustment_points_wanted"),
        ("A,2026-03-31,praise,1/0,,,,", "points", "adjustment_points_wanted"),
        ("A,2026-03-31,absent,,,maybe,,", "good", "adjustment_flag_wanted"),
    ],
)
def test_an_adjustment_that_cannot_stand_is_rejected_with_its_reason(tmp_path, row, column, code):
    read, rejected = adjustments(tmp_path, "A,2026-03-31,absent,,,,,", row, units=roster(department="A"))
    assert [one.row for one in read] == [1]
    (one,) = rejected
    assert (one.row, one.column, one.code) == (2, column, code)
    for lang in ("zh", "en"):
        assert one.value in say(one.code, lang, **one.details)


def test_without_a_roster_any_unit_may_be_adjusted_and_short_rows_are_filled(tmp_path):
    read, rejected = adjustments(tmp_path, "Z,2026-03-31,absent", header="unit,at,code,points")
    assert (len(read), rejected) == (1, [])


def test_a_roster_is_read_in_chinese_too(tmp_path):
    rows = (
        "unit,pool,name,from,to",
        "A,department,甲科,,",
        "B,居民区,,2026-03-01,2026/3/31",
        "B,department,,2026-04-01,",
    )
    text = "\n".join(rows)
    units, rejected = read_roster(written(tmp_path, text, "gb18030"), POLICY.pools)
    assert rejected == []
    assert [(one.unit, one.pool, one.name) for one in units.units] == [
        ("A", "department", "甲科"),
        ("B", "neighbourhood", ""),
        ("B", "department", ""),
    ]
    assert units.pool_of("B", at("2026-03-31").date()) == "neighbourhood"
    assert units.pool_in("B", at("2026-03-01").date(), at("2026-04-30").date()) == "department"
    assert units.pool_of("Z", at("2026-03-31").date()) is None


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (",department,,", "unit", "unit_missing"),
        ("B,town,,", "pool", "unit_pool_unknown"),
        ("B,,,", "pool", "unit_pool_unknown"),
        ("B,department,2026-02-30,", "from", "unit_date_wanted"),
        ("B,department,2026-03-02,2026-03-01", "to", "unit_dates_crossed"),
        ("A,department,,", "unit", "unit_listed_twice"),
        ("A,neighbourhood,2026-03-01,", "unit", "unit_listed_twice"),
    ],
)
def test_a_listing_that_cannot_stand_is_rejected_with_its_reason(tmp_path, row, column, code):
    text = f"unit,pool,from,to\nA,department,,\n{row}\n"
    units, rejected = read_roster(written(tmp_path, text), POLICY.pools)
    assert [one.unit for one in units.units] == ["A"]
    (one,) = rejected
    assert (one.row, one.column, one.code) == (2, column, code)
    for lang in ("zh", "en"):
        assert one.value in say(one.code, lang, **one.details)


def test_a_file_without_its_columns_is_refused(tmp_path):
    with pytest.raises(InputError):
        read_roster(written(tmp_path, "单位,类别\nA,department\n"), POLICY.pools)
