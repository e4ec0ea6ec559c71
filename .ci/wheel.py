"""
Prove the wheel: it holds exactly the tracked files, installs beside a stranger's `workflows`, and answers.

Builds from a copy of what git tracks or would track, so that nothing lying about gets in.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

CHECKOUT = Path(__file__).resolve().parents[1]
ROOTS = ("engine", "workflows", "policies", "storage")

BREAK = " \\"

# Run by the fresh environment's Python. llama-index-workflows owns a top-level `workflows`.
PROBE = """
import importlib.util, importlib.metadata as metadata, re, workflows
owners = metadata.packages_distributions()
assert set(owners["workflows"]) == {"llama-index-workflows"}, owners["workflows"]
assert hasattr(workflows, "Workflow"), workflows.__file__
for name in ("engine", "policies", "storage"):
    assert importlib.util.find_spec(name) is None, f"top-level {name} exists"

seen, waiting = set(), ["paidan"]
while waiting:
    name = waiting.pop()
    if name in seen:
        continue
    seen.add(name)
    for line in metadata.requires(name) or ():
        if "extra ==" in line:
            continue
        needed = re.match(r"[A-Za-z0-9._-]+", line).group()
        try:
            metadata.distribution(needed)
        except metadata.PackageNotFoundError:
            continue  # for another platform
        waiting.append(needed)
for name in sorted(seen):
    about = metadata.metadata(name)
    said = [about.get("License-Expression") or "", (about.get("License") or "")[:80]]
    said += [line for line in about.get_all("Classifier") or () if line.startswith("License")]
    assert any(said), f"{name} names no licence"
    assert not re.search(r"\\bA?GPL|Affero|(?<!Lesser )General Public", " ".join(said)), (name, said)
print(f"licences of {len(seen)} distributions: no GPL, no AGPL")
"""


def tracked() -> list[str]:
    """Paths, below the checkout, of the files that git tracks or would track, as they stand now."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
    return sorted({name for name in listed.split("\0") if name and (CHECKOUT / name).is_file()})


def build(files: list[str], scratch: Path) -> Path:
    """Build the wheel from a copy of `files`, with the setuptools installed here."""
    source = scratch / "source"
    for name in files:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CHECKOUT / name, source / name)
    out = scratch / "dist"
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(out.glob("paidan-*.whl"))


def compare(wheel: Path, files: list[str]) -> list[str]:
    """Say, a line each, which files the wheel lacks and which it should not have."""
    wanted = {f"paidan/{name}" for name in files if PurePosixPath(name).parts[0] in ROOTS}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    missing = [f"missing from the wheel: {name}" for name in sorted(wanted - held)]
    return missing + [f"in the wheel, not tracked: {name}" for name in sorted(held - wanted)]


def try_installed(wheel: Path, scratch: Path) -> None:
    """Install the wheel into a fresh environment and use it from a folder that is not the checkout."""
    home = scratch / "fresh"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    elsewhere = scratch / "elsewhere"
    elsewhere.mkdir()
    pins = scratch / "pins.txt"  # versions alone: beside hashes pip takes no wheel from a folder
    lines = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins.write_text("".join(f"{line.rstrip(BREAK)}\n" for line in lines if "==" in line), encoding="utf-8")
    install = ["-m", "pip", "install", "--quiet", "-c", str(pins), str(wheel), "llama-index-workflows"]
    for command in (
        [str(programs / "python"), *install],
        [str(programs / "python"), "-c", PROBE],
        [str(programs / "paidan"), "--help"],
        [str(programs / "paidan"), "due", "JY-T03", "unit_received_at=2026-05-08 16:00"],
    ):
        subprocess.run(command, cwd=elsewhere, check=True)


def main() -> int:
    """Run the whole check; 1 when the wheel's files are not the tracked ones."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        files = tracked()
        wheel = build(files, scratch)
        faults = compare(wheel, files)
        print("\n".join(faults) or f"{wheel.name} holds exactly the tracked files")
        if faults:
            return 1
        try_installed(wheel, scratch)
    return 0


if __name__ == "__main__":
    sys.exit(main())
