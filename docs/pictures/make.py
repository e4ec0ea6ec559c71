"""
Makes the pictures of the READMEs from what the commands really print.

Runs the demonstration in a temporary folder, in Chinese and in English, and draws parts of its
output as SVG beside this file: `python docs/pictures/make.py`. Needs what `run_engine.py` needs;
the pictures fetch nothing, no font and no style. The head of the month's report is photographed where
Chromium and a Chinese font are at hand (Debian: chromium, fonts-noto-cjk), a page of the month's
score sheets where LibreOffice and pdftoppm are (libreoffice-calc, poppler-utils). Run it again whenever
the demonstration changes, and look at what came out.
"""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.cells import cell_len

HERE = Path(__file__).resolve().parent
PROGRAM = HERE.parents[1] / "run_engine.py"
PROMPT = "$ python run_engine.py "
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PRINTERS = ("soffice", "pdftoppm")
PAGE = "4"
"""What is shown of the score sheets: the first page of the departments, after cover and ranking."""
WINDOW = "1400,1120"
"""What is photographed of the report, in pixels: its head and the first ranking."""

CELL = 8
"""Width of one column; a Chinese character takes two, so its size is twice that."""
LINE = 24
MARGIN = 20
STYLE = """
text { font: 13.2px "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d8dee9;
  white-space: pre }
.wide { font: 16px "Noto Sans Mono CJK SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei",
  "Source Han Sans SC", "WenQuanYi Micro Hei", sans-serif }
.prompt { fill: #8fbc8f } .head { fill: #8fa3bf; font-weight: bold } .bad { fill: #ff8f80 }
.off { fill: #8b93a3 } .good { fill: #9fd6a0 } .made { fill: #f0c674 }
""".strip()

MARKS = (
    ("prompt", r"^\$ "),
    ("off", r"法定节假日|周末|当日不计入|public holiday|weekend|first day is not counted|^…$"),
    ("made", r"调休补班|make-up day"),
    ("bad", r"记为超时|结论.逾期|recorded as timed out|Verdict: (late|overdue)"),
    ("good", r"工作日.计入|working day: counted"),
)
"""What is coloured: the first pattern found in a line gives the class of the whole line."""


def captured(arguments: Sequence[str], folder: Path) -> list[str]:
    """Run a command in `folder` and give the lines it prints."""
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *arguments],
        cwd=folder, check=True, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    return [line.rstrip() for line in done.stdout.splitlines()]


def table(lines: Sequence[str], title: str) -> list[str]:
    """Give the table under the line that begins with `title`, up to the blank line that ends it."""
    first = next(at for at, line in enumerate(lines) if line.startswith(title))
    last = next(at for at in range(first + 2, len(lines)) if not lines[at])
    return list(lines[first:last])


def runs(line: str) -> Iterator[tuple[int, str, bool]]:
    """Part a line where narrow and wide characters change, or columns do: its column, text, wide or not."""
    column = 0
    for text in re.findall(r"  +|.", line):
        width = cell_len(text)
        if not text.isspace():
            yield column, text, width == 2 * len(text)
        column += width


def pieces(line: str) -> Iterator[tuple[int, str, bool]]:
    """Join neighbouring runs of one width, single blanks between narrow words included."""
    start, joined, wide = 0, "", False
    for column, text, is_wide in runs(line):
        gap = column - start - cell_len(joined)
        if joined and is_wide == wide and (gap == 0 or (gap == 1 and not wide)):
            joined += " " * gap + text
            continue
        if joined:
            yield start, joined, wide
        start, joined, wide = column, text, is_wide
    if joined:
        yield start, joined, wide


def drawn(lines: Sequence[str]) -> str:
    """Draw lines of a terminal as SVG; every piece of text is pinned to its columns."""
    width = max(cell_len(line) for line in lines) * CELL + 2 * MARGIN
    height = len(lines) * LINE + 2 * MARGIN
    body: list[str] = []
    for number, line in enumerate(lines):
        y = MARGIN + number * LINE + 17
        if set(line.strip()) == {"─"}:
            left = MARGIN + (len(line) - len(line.lstrip())) * CELL
            body.append(f'<path d="M{left} {y - 6}H{width - MARGIN}" stroke="#4c566a"/>')
            continue
        under = number + 1 < len(lines) and set(lines[number + 1].strip()) == {"─"}
        mark = "head" if under else next((name for name, found in MARKS if re.search(found, line)), "")
        for column, text, wide in pieces(line):
            names = " ".join(name for name in ("wide" if wide else "", mark) if name)
            style = f' class="{names}"' if names else ""
            place = f'x="{MARGIN + column * CELL}" y="{y}" textLength="{cell_len(text) * CELL}"'
            body.append(f"<text{style} {place}>{escape(text)}</text>")
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">',
        f"<style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#1f2430"/>',
        *body,
        "</svg>\n",
    ])  # fmt: skip


def pictures(folder: Path, lang: str) -> Iterator[tuple[str, list[str]]]:
    """Run the demonstration and give the name and the lines of each picture."""
    extra = ["--lang", "en"] if lang == "en" else []
    shown = captured(["demo", *extra], folder)
    late, scores = ("谁超了", r"\d{4}-\d\d 职能") if lang == "zh" else ("Who was late", r"\d{4}-\d\d scores")
    asked = PROMPT + shlex.join(["demo", *extra])
    yield "late", [asked, "", *table(shown, late)]
    title = next(line for line in shown if re.match(scores, line))
    yield "score", [asked, "…", "", *table(shown, title)]
    why = next(shlex.split(line)[2:] for line in shown if " explain " in line and " JY-T" in line)
    yield "explain", [PROMPT + shlex.join([*why, *extra]), "", *captured([*why, *extra], folder)]


def photographed(folder: Path, file: Path) -> bool:
    """Photograph the report of the demonstration in `folder`; False where there is no browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return False
    run, month = demonstrated(folder)
    captured(["report", run, "--month", month, "--out", "report.html"], folder)
    page = (folder / "report.html").as_uri()
    subprocess.run(
        [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         f"--user-data-dir={folder / 'profile'}", f"--window-size={WINDOW}", f"--screenshot={file}", page],
        check=True, capture_output=True,
    )  # fmt: skip
    return True


def printed(folder: Path, file: Path) -> bool:
    """Print a page of the score sheets of the demonstration in `folder`; False where nothing prints."""
    if not all(map(shutil.which, PRINTERS)):
        return False
    run, month = demonstrated(folder)
    captured(["score", run, "--month", month, "--format", "xlsx", "--out", "score.xlsx"], folder)
    office = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    for command in (
        [*office, "--convert-to", "pdf", "score.xlsx"],
        [
            "pdftoppm",
            "-r",
            "110",
            "-png",
            "-gray",
            "-singlefile",
            "-f",
            PAGE,
            "score.pdf",
            str(file.with_suffix("")),
        ],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return True


def demonstrated(folder: Path) -> tuple[str, str]:
    """Run the demonstration in `folder`; give its run and its month."""
    shown = "\n".join(captured(["demo"], folder))
    run, month = re.search(r" score (\S+) --month (\S+)", shown).groups()
    return run, month


def main() -> None:
    """Write every picture beside this file."""
    for lang in ("zh", "en"):
        with TemporaryDirectory() as folder:
            for name, lines in pictures(Path(folder), lang):
                file = HERE / f"{name}.{lang}.svg"
                file.write_text(drawn(lines), encoding="utf-8")
                print(file.name, file.stat().st_size)
    for name, make in (("report.zh.png", photographed), ("annex.zh.png", printed)):
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            file = HERE / name
            made = make(Path(folder), file)
            print(name, file.stat().st_size if made else "left as it is: what makes it is not installed")


if __name__ == "__main__":
    main()
