"""Cells that no spreadsheet takes for a formula, and what they were."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.payloads import PAYLOADS

from paidan.engine.inert import Inert, cells, inert, lines_to, plain, text_of

_TEXTS = st.text(st.sampled_from("'=+-@＝－\t\r\n \u00a0\u200b\ufeff\"|,1.5%甲a"), max_size=8) | st.text()


@given(_TEXTS)
def test_every_text_comes_back_from_its_cell(text):
    assert text_of(inert(text)) == text


@given(_TEXTS)
def test_a_cell_begins_with_no_sign_whatever_stands_unseen_before_it(text):
    assert not inert(text).lstrip("\t\r\n \u00a0\u200b\ufeff").startswith(tuple("=@＝＋－＠"))
    assert inert(text)[:1] not in tuple("\t\r\n")


def test_a_payload_is_no_formula_and_comes_back():
    assert len(PAYLOADS) >= 500
    words = Inert()
    for text in PAYLOADS:
        seen = words[text].lstrip("\t\r\n \u00a0\u3000\u200b\u2060\ufeff")
        assert not (seen.startswith(tuple("=+-@＝＋－＠")) and len(seen) > 1), text
        assert text_of(words[text]) == text


@pytest.mark.parametrize("text", ["-2.5", "+3", "12%", "-", "网格", "'t Hof", "2026-03-02", "", "a=b"])
def test_what_is_no_formula_stays_as_it_is(text):
    assert inert(text) == text == text_of(text)


@given(st.lists(st.lists(_TEXTS, min_size=2, max_size=4), max_size=4))
def test_rows_come_back_whatever_breaks_their_cells_hold(rows):
    file = io.StringIO(newline="")
    lines_to(file).writerows(map(cells, rows))
    file.seek(0)
    assert [[text_of(cell) for cell in row] for row in csv.reader(file)] == rows


@given(
    st.lists(st.lists(_TEXTS, min_size=1, max_size=3), min_size=1, max_size=3),
    st.sampled_from(("utf-8-sig", "gb18030")),
)
def test_a_file_is_read_as_it_was_meant(tmp_path_factory, rows, encoding):
    path = tmp_path_factory.mktemp("inert") / "t.csv"
    rows = [[one.encode("utf-8", "ignore").decode() for one in row] for row in rows]
    with path.open("w", encoding=encoding, newline="") as file:
        lines_to(file).writerows(map(cells, rows))
    with path.open(encoding=encoding, newline="") as file:
        assert list(plain(csv.reader(file), path)) == rows
