"""What Git keeps of this repository tells nothing of a machine: no paths, addresses, secrets."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked() -> dict[str, str]:
    """The text of each file that Git has or would take; nothing of binary files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = {}
    for name in filter(None, listed.split("\0")):
        file = ROOT / name
        if file.is_file() and not file.is_symlink():
            content = file.read_bytes()
            if b"\0" not in content:
                found[name] = content.decode("utf-8")
    return found


def word(*parts: str) -> str:
    """A literal that does not stand in this file."""
    return re.escape("".join(parts))


FORBIDDEN = {
    # Which index or registry a machine uses is the machine's business.
    "the address of a registry": [
        rf"\b{word('py', 'pi')}\.(?:org|io)\b",
        rf"\b{word('python', 'hosted')}\b",
        rf"\bregistry\.{word('npm', 'js')}\b",
        rf"\bregistry\.{word('yarn', 'pkg')}\b",
        rf"\b(?:deb|security|ftp)\.{word('deb', 'ian')}\.org\b",
        rf"\b{word('arti', 'factory')}\b",
        rf"://[^\s\"'<>`)]+/{word('sim', 'ple')}\b",
    ],
    "an option that names an index": [
        r"^\s*(?:-i|-f|--(?:extra-)?index-url|--default-index|--find-links)[ =]\s*\S+:?//",
    ],
    "an absolute path of somebody's home": [
        r"(?<![\w.~$}*-])/(?:home|Users)/[a-z][\w.-]+/",
        rf"(?<![\w.~$}}*-])/{word('ro', 'ot')}/",
        r"\b[a-z]:\\{1,2}Users\\",
    ],
    "a private key": [
        rf"-----BEGIN [A-Z ]*{word('PRIV', 'ATE')} KEY-----",
    ],
    "a token": [
        r"\b(?-i:AKIA|ASIA)[0-9A-Z]{16}\b",
        r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
        r"\bgithub_pat_\w{40}",
        r"\bglpat-[\w-]{20}\b",
        r"\bxox[abpr]-[\w-]{10,}",
        r"\bsk-[A-Za-z0-9_-]{32,}",
        r"\bhf_[A-Za-z0-9]{30,}\b",
        r"\bpypi-[A-Za-z0-9_-]{40,}",
        r"\beyJ[\w-]{20,}\.eyJ[\w-]{20,}",
    ],
}


def pattern_of(what: str) -> re.Pattern[str]:
    return re.compile("|".join(FORBIDDEN[what]), re.IGNORECASE | re.MULTILINE)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_has(what):
    pattern = pattern_of(what)
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for name, text in tracked().items()
        for match in pattern.finditer(text)
    ]
    assert found == []


def test_no_tracked_file_names_this_folder():
    # `/work` alone is a common word; a deeper folder is this machine's.
    if len(ROOT.parts) < 3:
        pytest.fail("the clone lies too high for this test: clone it into a folder of its own")
    path = re.compile(rf"{re.escape(str(ROOT))}(?![\w-])|{re.escape(str(Path.home()))}/\w")
    assert [name for name, text in tracked().items() if path.search(text)] == []


EXAMPLES = {
    "the address of a registry": ["https://" + "py" + "pi.org/x", "https://host/a/" + "simple/"],
    "an option that names an index": ["--index-url" + " https://host/", "-f file" + "://x"],
    "an absolute path of somebody's home": [
        "/ro" + "ot/x",
        '"/ho' + 'me/jane/x"',
        "C:\\Us" + "ers\\",
    ],
    "a private key": ["-----BEGIN RSA " + "PRIVATE KEY-----"],
    "a token": ["AKIA" + "A" * 16, "gh" + "p_" + "a" * 36],
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_it_would_be_found(what):
    for text in EXAMPLES[what]:
        assert pattern_of(what).search(text), text
