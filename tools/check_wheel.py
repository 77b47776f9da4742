"""Build the extension, then the wheel without Node; look at what it holds and would change.

Installing zenlab must not change the version of anything that a data-science environment already
has. `requirements/typical/*.txt` say what such environments had. For each of them an environment
is made that claims to have these versions (nothing is downloaded: a resolver looks at the
metadata alone), and the resolver says what it would do to install the wheel there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "check-wheel"
TYPICAL = ROOT / "requirements" / "typical"
UV = ROOT / "tools" / "uv.sh"
NEEDED = (
    "zenlab/py.typed",
    "zenlab/views/payload_schema.json",
    "zenlab/metadata/migrations/env.py",
    "zenlab/labextension/package.json",
    *("zenlab/widget/widget.js", "zenlab/widget/widget.css", "zenlab/widget/plotly.js"),
)
EXTENSION = "share/jupyter/labextensions/zenlab-labextension"
"""Where JupyterLab looks for it, below the environment's prefix."""


def main() -> int:
    """Check everything, print what is wrong; the exit code."""
    shutil.rmtree(BUILD, ignore_errors=True)
    subprocess.run(
        [sys.executable, ROOT / "hatch_build.py"],
        env={**os.environ, "ZENLAB_REQUIRE_LABEXTENSION": "1"},
        check=True,
    )
    wheel = build()
    wrong = check_content(wheel)
    for file in sorted(TYPICAL.glob("*.txt")):
        wrong += check_typical(wheel, file)
    for line in wrong:
        print(f"error: {line}")
    return 1 if wrong else 0


def build() -> Path:
    """Build the wheel where no program but Python can be found: the extension is there."""
    empty = BUILD / "empty"
    empty.mkdir(parents=True)
    backend = f"import {_backend()} as b, sys; print(b.build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", backend, str(BUILD)],
        cwd=ROOT,
        env={"PATH": str(empty), "HOME": str(empty)},
        check=True,
        capture_output=True,
        text=True,
    )
    return BUILD / done.stdout.split()[-1]


def _backend() -> str:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["build-system"]["build-backend"])


def check_content(wheel: Path) -> list[str]:
    """What the wheel lacks, and what it should not have."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        about = next(name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(about).decode())
    info = about.rpartition("/")[0]
    data = f"{info.removesuffix('.dist-info')}.data/data/{EXTENSION}/"
    tracked = _tracked()
    wrong = [f"the wheel lacks {name}" for name in NEEDED if name not in names]
    if f"{info}/licenses/LICENSE" not in names or metadata["License-Expression"] != "Apache-2.0":
        wrong.append("the wheel lacks its license")
    if not any(re.match(r"zenlab/metadata/migrations/versions/\d+.*\.py$", n) for n in names):
        wrong.append("the wheel lacks the migrations of the metadata store")
    if not metadata.get_payload():
        wrong.append("the wheel lacks the README as its description")
    wrong += [f"the wheel lacks {name}, which Git has" for name in sorted(tracked - names)]
    wrong += [
        f"the wheel has {name}"
        for name in sorted(names)
        if not name.startswith(("zenlab/", info + "/", data)) or "__pycache__" in name
    ]
    wrong += [f"the wheel lacks {data}{name}" for name in _extension() if data + name not in names]
    print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size // 1024} KB; no Node is needed")
    return wrong


def _extension() -> list[str]:
    """The files that make an extension: all that was built, and who installed it."""
    built = ROOT / "zenlab" / "labextension"
    files = [f.relative_to(built).as_posix() for f in sorted(built.rglob("*")) if f.is_file()]
    return ["install.json", *files] if "package.json" in files else ["package.json"]


def _tracked() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "zenlab"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return {name for name in listed.split("\0") if name and (ROOT / name).exists()}


def check_typical(wheel: Path, file: Path) -> list[str]:
    """What installing the wheel would change in an environment."""
    environment = BUILD / file.stem
    match = re.search(r"-py(\d)(\d+)$", file.stem)
    assert match is not None, file.name
    version = f"{match[1]}.{match[2]}"
    # Nothing is run in it: any Python will do, and the resolver is told which one to think of.
    subprocess.run([UV, "venv", "-q", "--python", sys.executable, environment], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    pins = re.findall(r"^([\w.-]+)==(\S+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    for name, pinned in pins:
        info = packages / f"{name.replace('-', '_')}-{pinned}.dist-info"
        info.mkdir()
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {pinned}\n"
        (info / "METADATA").write_text(text, encoding="utf-8")
        (info / "INSTALLER").write_text("pip\n", encoding="utf-8")
        (info / "RECORD").write_text("", encoding="utf-8")
    done = subprocess.run(
        [
            *(UV, "pip", "install", "--dry-run", "--color", "never", "--only-binary", ":all:"),
            *("--python", environment / "bin" / "python", "--python-version", version),
            wheel,
        ],
        env={**os.environ, "NO_COLOR": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        return [f"{file.stem}: zenlab cannot be installed:\n{done.stderr}"]
    changes = re.findall(r"^ ([-+~]) ([\w.-]+)(?:==| @ )(\S+)", done.stderr, re.MULTILINE)
    added = [name for sign, name, _ in changes if sign == "+"]
    if "zenlab" not in added:
        return [f"{file.stem}: what uv printed is not understood:\n{done.stderr}"]
    here = {name for name, _ in pins}
    print(f"{file.stem}: {len(pins)} packages, zenlab adds: {', '.join(sorted(set(added) - here))}")
    return [f"{file.stem}: {sign} {name} {v}" for sign, name, v in changes if name in here]


if __name__ == "__main__":
    raise SystemExit(main())
