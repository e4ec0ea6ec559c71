"""The directory file: who holds which post, of which unit, from when to when."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from paidan.engine.errors import InputError
from paidan.engine.intake.forms import open_table
from paidan.engine.intake.rosters import days_of, named
from paidan.engine.intake.tables import CsvTable, Rejected, check_single, fitted
from paidan.engine.intake.values import BadValueError, role_names
from paidan.engine.intake.workbook import Sheet
from paidan.engine.masking import masked
from paidan.policies.directory import Directory, Holding
from paidan.policies.reader import nearest
from paidan.workflows.attributes import ROLES, UNIT_ROLES

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "unit": ("单位", "部门"),
    "role": ("岗位", "角色"),
    "person": ("姓名",),
    "title": ("职务",),
    "contact": ("联系方式", "联系电话", "电话", "手机"),
    "from": ("起", "起始日期", "任职日期"),
    "to": ("止", "截止日期", "离任日期"),
    "note": ("备注",),
}
"""The columns, each with the other names it may go by."""
_REQUIRED: Final = ("role", "person")
_ALSO: Final = {
    "A角": "informant_a", "B角": "informant_b", "联络员": "hotline_specialist",
    "责任部门": "responsible_section", "分管领导": "unit_branch_head", "单位主要领导": "unit_head",
}  # fmt: skip
"""Posts as the documents write them, beside the labels of the list."""


def read_directory(path: Path) -> tuple[Directory, list[Rejected]]:
    """
    Read `role,person[,unit,title,contact,from,to,note]`, headers and roles in Chinese or English.

    A row is rejected for an unknown role, a missing person, a unit's post without unit, a bad date, or
    a post that the same person holds twice at a time. Raises `InputError` for a file that is no such
    table, also for a column that is none of these: what it says would be lost.
    """
    table = _open(path)
    held: list[Holding] = []
    rejected: list[Rejected] = []
    for number, cells in enumerate(table.rows(), start=1):
        fits = fitted(table, number, cells)
        if isinstance(fits, Rejected):
            rejected.append(fits)
            continue
        try:
            one = _holding(named(table, fits))
            _not_twice(one, held)
        except BadValueError as bad:
            rejected.append(
                Rejected(table.name, number, "", bad.column, bad.value, bad.code, dict(bad.details))
            )
        else:
            held.append(one)
    return Directory(held), rejected


def _open(path: Path) -> CsvTable | Sheet:
    """Open the file with its headers by their names here."""
    spelled = {other: name for name, others in HEADERS.items() for other in (name, *others)}
    table = open_table(path, (), spelled)
    header = tuple(spelled.get(name.lower(), name) for name in table.header)
    for name in header:
        if name and name not in HEADERS:
            raise InputError(
                "directory_column", file=table.name, column=name, allowed="、".join(spelled),
                nearest=nearest(name, spelled),
            )  # fmt: skip
    if missing := [name for name in _REQUIRED if name not in header]:
        found = ", ".join(table.header)
        raise InputError("column_missing", file=table.name, missing=", ".join(missing), found=found)
    check_single(table.name, header)
    return replace(table, header=header)


def _holding(row: Mapping[str, str]) -> Holding:
    role = {**_ALSO, **role_names()}.get(row["role"])
    if role is None:
        near = nearest(row["role"], role_names())
        raise BadValueError("directory_role", "role", row["role"], (near,) if near else tuple(ROLES.values()))
    if not row["person"]:
        raise BadValueError("directory_person", "person", "")
    unit = row.get("unit", "")
    if role in UNIT_ROLES and not unit:
        raise BadValueError("directory_unit", "unit", "", role=ROLES[role])
    from_on, to_on = days_of(row)
    return Holding(
        role=role, person=row["person"], unit=unit, title=row.get("title", ""),
        contact=row.get("contact", ""), from_on=from_on, to_on=to_on,
        note=masked(row.get("note", "")),
    )  # fmt: skip


def _not_twice(one: Holding, held: list[Holding]) -> None:
    for other in held:
        same = (one.role, one.unit, one.person) == (other.role, other.unit, other.person)
        apart = (other.to_on or date.max) < (one.from_on or date.min) or (one.to_on or date.max) < (
            other.from_on or date.min
        )
        if same and not apart:
            raise BadValueError("directory_twice", "role", one.role)
