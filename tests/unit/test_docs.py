"""What the documents say is so: pages made from code, commands, examples and links."""

import os
import re
import runpy
import shlex
from io import StringIO
from pathlib import Path

import pytest
import typer.main

from paidan.engine.cli.main import app

CHECKOUT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted(
    str(path.relative_to(CHECKOUT))
    for path in (*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md"))
)  # fmt: skip
PICTURES = sorted((CHECKOUT / "docs" / "pictures").glob("*.svg"))


def text_of(page):
    return (CHECKOUT / page).read_text(encoding="utf-8")


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL)


def commands(page):
    for block in blocks(page, "console"):
        for line in block.splitlines():
            if line.startswith("$ python run_engine.py "):
                yield shlex.split(line)[3:]


def test_reference_pages_are_what_the_code_says():
    make = runpy.run_path(str(CHECKOUT / "docs" / "reference" / "make.py"), run_name="make")
    for name, made in make["pages"]().items():
        kept = text_of(f"docs/reference/{name}")
        assert made.splitlines() == kept.splitlines(), "run: python docs/reference/make.py"


def under(command):
    """Give the commands of a group; a command has none."""
    return getattr(command, "commands", {})


@pytest.mark.parametrize("page", PAGES)
def test_every_command_shown_exists_with_its_options(page):
    for words in commands(page):
        command, left = typer.main.get_command(app), list(words)
        while left and left[0] in under(command):
            command = under(command)[left.pop(0)]
        assert not under(command), f"no such command: {shlex.join(words)}"
        known = {name for option in command.params for name in option.opts}
        shown = {word.partition("=")[0] for word in left if word.startswith("--")}
        assert shown <= known, f"{command.name}: {sorted(shown - known)}"


@pytest.mark.parametrize("page", READMES)
def test_every_command_is_listed(page):
    listed = " ".join(line for line in text_of(page).splitlines() if line.startswith("| `"))
    top = under(typer.main.get_command(app))
    names = {f"{name} {inner}".strip() for name, one in top.items() for inner in under(one) or [""]}
    assert not {name for name in names if not re.search(rf"`{name}[ `]", listed)}


@pytest.mark.parametrize("page", READMES)
def test_the_example_prints_what_stands_below_it(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = StringIO()
    code = compile(blocks(page, "python")[0], page, "exec")
    exec(code, {"__name__": "__main__", "print": lambda *a: print(*a, file=printed)})  # noqa: S102
    assert printed.getvalue() == blocks(page, "text")[0]


def test_both_readmes_hold_the_same_two_shell_blocks():
    english, chinese = (blocks(page, "sh") for page in READMES)
    assert english == chinese
    assert len(english) == 2
    assert english[0].endswith("python run_engine.py demo\n")
    assert english[1].endswith("python -m pytest\n")


@pytest.mark.parametrize("page", READMES)
def test_the_rule_shown_is_the_rule_carried(page):
    rules = (CHECKOUT / "policies" / "documents" / "JY" / "rules.toml").read_text(encoding="utf-8")
    assert blocks(page, "toml")[0] in rules


@pytest.mark.parametrize("page", PAGES)
def test_links_inside_the_project_resolve(page):
    prose = re.sub(r"^```.*?^```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
    folder = (CHECKOUT / page).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = folder / path if path else CHECKOUT / page
        assert file.exists(), f"{page}: {target}"
        if anchor:
            assert anchor in anchors(file), f"{page}: {target}"


def anchors(file):
    """Give the anchors of a page's headings: lower case, no punctuation, hyphens for blanks."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_pictures_are_small_and_fetch_nothing(picture):
    drawn = picture.read_text(encoding="utf-8")
    assert len(drawn.encode()) < 150_000
    assert re.findall(r"[a-z]+://[^\"'\s)]+", drawn) == ["http://www.w3.org/2000/svg"]
    assert "url(" not in drawn
    assert "@import" not in drawn


def test_every_page_can_be_reached_from_a_readme():
    reached, waiting = set(), list(READMES)
    while waiting:
        page = waiting.pop()
        if page in reached or not page.endswith(".md"):
            continue
        reached.add(page)
        folder = (CHECKOUT / page).parent
        for target in re.findall(r"\]\(([^)#\s]+)", text_of(page)):
            path = os.path.normpath(folder / target)
            waiting += [str(Path(path).relative_to(CHECKOUT))] if Path(path).is_file() else []
    decisions = {page for page in PAGES if page.startswith("docs/decisions/")}
    assert set(PAGES) - decisions <= reached


def test_every_test_that_the_security_page_names_is_there():
    named = re.findall(r"`(tests/[a-z_/]+\.py)::(test_\w+)`", text_of("docs/reference/security.md"))
    assert len(named) > 50
    assert [one for one in named if f"def {one[1]}(" not in text_of(one[0])] == []
