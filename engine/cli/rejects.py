"""Rejected rows: told, or written to a file to be mended."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paidan.engine.cli.progress import wipe
from paidan.engine.messages import say

if TYPE_CHECKING:
    from paidan.engine.intake.tables import Rejected

RejectedOption = Annotated[
    Path | None,
    typer.Option(
        "--rejected", help="退回的行写入这个文件：.xlsx 为原行加原因与建议，改好可直接再导入；否则为 CSV。",
        metavar="FILE",
    ),
]  # fmt: skip
_SHOWN = 20
"""Rejected rows that are told where no file was named for them."""


@contextmanager
def reject_to(
    path: Path | None,
    logs: Sequence[Path],
    mapping: Path | None,
    lang: str,
    entered: Sequence[Path | None] = (),
) -> "Iterator[Callable[[Rejected], None]]":
    """
    Lend what takes rejected rows: into a file that takes its name when it is whole, or told, the first.

    A workbook holds the rows as they stand in `logs`, and in the files `entered` by hand beside them.
    """
    if path is None:
        yield _telling(lang)
    elif path.suffix.lower() == ".xlsx":
        from paidan.engine.export.workbook import need_xlsxwriter

        need_xlsxwriter(path.name)  # heard before anything is taken in
        rejected: list[Rejected] = []
        yield rejected.append
        _save(path, logs, mapping, rejected, entered, lang)
    else:
        from paidan.engine.export.run_folder import TABLES, rejected_row
        from paidan.engine.export.table import encoded, whole
        from paidan.engine.inert import lines_to

        with whole(path) as beside, encoded(beside, "utf-8", path.name) as file:
            writer = lines_to(file)
            writer.writerow(TABLES["rejected"])
            yield lambda one: writer.writerow(rejected_row(one)) and None


def _telling(lang: str) -> "Callable[[Rejected], None]":
    left = _SHOWN

    def tell(one: "Rejected") -> None:
        nonlocal left
        if left:
            left -= 1
            wipe()
            text = f"{one.column} {say(one.code, lang, **one.details)}".lstrip()
            told = say("import.row", lang, source=one.source, row=one.row, order=one.order_id, text=text)
            typer.echo(told, err=True)

    return tell


def _save(
    path: Path,
    logs: Sequence[Path],
    mapping: Path | None,
    rejected: "Sequence[Rejected]",
    entered: Sequence[Path | None],
    lang: str,
) -> None:
    from paidan.engine.cli.tables import tell_written
    from paidan.engine.export.rejects import save_rejects
    from paidan.engine.intake.forms import open_logs, open_table
    from paidan.engine.intake.mapping import read_mapping

    tables = open_logs(logs, None if mapping is None else read_mapping(mapping)) if rejected else ()
    by_hand = [open_table(one, ()) for one in entered if one is not None]
    tell_written(save_rejects(path, tables, rejected, entered=by_hand, lang=lang), path, lang)
