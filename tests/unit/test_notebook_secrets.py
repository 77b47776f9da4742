"""The rule `secret`: what it finds, what it leaves alone, and that it never prints one.

Every secret here is put together at run time: this file is tracked, and has to pass such checks.
"""

from __future__ import annotations

import base64
import json
import random
import string

import pytest

from tests.unit.test_notebook_check import code, failed, markdown, printed, shown, write
from zenlab.cli import run_command
from zenlab.hygiene.patterns import masked, secrets_in

_random = random.Random(7)


def noise(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Random characters, three of them digits for sure."""
    return "".join(_random.choices(alphabet, k=length - 3)) + "407"


UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
DASHES = "-" * 5


def b64(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


PRIVATE_KEY = "\n".join(
    [
        f"{DASHES}BEGIN RSA PRIVATE KEY{DASHES}",
        *(noise(64) for _ in range(12)),
        f"{DASHES}END RSA PRIVATE KEY{DASHES}",
    ]
)

SHAPES = {
    "aws": "AKIA" + noise(16, UPPER),
    "aws session": "ASIA" + noise(16, UPPER),
    "google": "AIza" + noise(35),
    "google access": "ya29." + noise(60),
    "google oauth": "GOCSPX-" + noise(28),
    "github": "ghp_" + noise(36),
    "github fine": "github_pat_" + noise(22) + "_" + noise(59),
    "gitlab": "glpat-" + noise(20),
    "slack": "xoxb-" + noise(12, string.digits) + "-" + noise(24),
    "slack hook": "https://hooks.slack.com/services/T" + noise(8, UPPER) + "/B1/" + noise(24),
    "openai": "sk-proj-" + noise(64),
    "anthropic": "sk-ant-api03-" + noise(80),
    "hugging face": "hf_" + noise(34),
    "index": "py" + "pi-AgEI" + noise(120),
    "npm": "npm_" + noise(36),
    "stripe": "sk_live_" + noise(24),
    "sendgrid": "SG." + noise(22) + "." + noise(43),
    "databricks": "dapi" + noise(32, HEX),
    "jwt": b64({"alg": "HS256", "typ": "JWT"}) + "." + b64({"sub": "1234567890"}) + "." + noise(43),
    "azure": "AccountKey=" + noise(86) + "==",
    "private key": PRIVATE_KEY,
}

# Written as a line, and the part of it that must not be printed.
PASSWORD = "cOrr3ct-h0rse-9"
TOKEN = noise(40)
NAMED = {
    "assigned": (f"password = '{PASSWORD}'", PASSWORD),
    "keyword": (f'connect(user="jane", passwd="{PASSWORD}")', PASSWORD),
    "annotated name": (f'DB_PASSWORD_PROD = f"{PASSWORD}"', PASSWORD),
    "dict": (f'{{"api_key": "{TOKEN}"}}', TOKEN),
    "item": (f'os.environ["MY_API_KEY"] = "{TOKEN}"', TOKEN),
    "call": (f'os.environ.setdefault("AUTH_TOKEN", "{TOKEN}")', TOKEN),
    "env": (f"%env WANDB_API_KEY={TOKEN}", TOKEN),
    "printed": (f"SECRET_KEY: {TOKEN}", TOKEN),
    "hyphen": (f"x-api-key: {TOKEN}", TOKEN),
    "aws secret": (f'aws_secret_access_key = "{noise(18)}/{TOKEN}"', TOKEN),
    "connection": (f"Server=db;Uid=jane;Pwd={PASSWORD};", PASSWORD),
    "url": (f"create_engine('postgresql+psycopg://jane:{PASSWORD}@db:5432/zen')", PASSWORD),
    "url without user": (f"redis://:{PASSWORD}@cache/0", PASSWORD),
    "url of words": ("mysql://jane:correct-horse@db/zen", "correct-horse"),
    "path of a url": (f"https://host/{SHAPES['github']}/x", SHAPES["github"]),
    "url of git": (f"!git clone https://jane:{TOKEN}@host/a.git", TOKEN),
}
ALL = {name: (f'x = "{value}"', value) for name, value in SHAPES.items()} | NAMED

HARMLESS = [
    'token = os.environ["GITHUB_TOKEN"]',
    'password = getpass.getpass("password: ")',
    'password = "password"',
    'password="changeme1"',
    'PASSWORD = "<your password 1>"',
    'api_key = "your-api-key-goes-here-0"',
    'api_key="xxxxxxxxxxxxxxxxxxxxxxxx1"',
    'secret = "${VAULT_SECRET_0123456789}"',
    'token = "end_of_sentence"',
    'pad_token = "[PAD]"; unk_token="<|endoftext|>"',
    'tokenizer = "bert-base-uncased-v1-2024-03"',
    "max_tokens=4096, token_count = 123456789012345678",
    "token = self.tokens2.next_token3(1)",
    "api_key=OPENAI_API_KEY_2",
    "password=settings.DB_PASSWORD_2",
    "PWD=/srv/project-2026/notebooks",
    "token: 1234567890123456",
    "url = 'postgresql://user:password@host/db'",
    "url = 'postgresql://jane:${DB_PASSWORD}@db/zen'",
    "url = f'postgresql://{user}:{password}@db/zen'",
    "postgresql://jane:***@db/zen",
    "postgresql://postgres:postgres@localhost/zen, http://a:b@localhost",
    "fsspec.open('github://pandas-dev:pandas@main/README.md')",
    "oauth_token=zxcv1&oauth_token_secret=1234",
    "https://host:8080/a@b, http://localhost:8888/?x=jane@b.org, s3://bucket/key",
    "cache_key='" + "3f" * 32 + "', digest: sha256:" + "9a" * 32,
    "AKIA" + "IOSFODNN7EXAMPLE",
    "X" + SHAPES["aws"] + " " + SHAPES["aws"] + "X",
    "gh" + "p_short",
    "hf_hub_download_of_a_long_function_name_1()",
    "sk" + "-estimator-doc-link-of-scikit-learn-fitted",
    f"{DASHES}BEGIN PUBLIC KEY{DASHES}",
    "credentials = load_credentials_from_file(CREDENTIALS_FILE_1)",
    "data:image/png;base64," + base64.b64encode(_random.randbytes(100_000)).decode(),
]


@pytest.mark.parametrize("name", ALL)
def test_it_is_found_once(name):
    line, secret = ALL[name]
    found = list(secrets_in(line))
    assert len(found) == 1, found
    held = line[found[0].start : found[0].end]
    assert secret in held or (name == "private key" and held in secret + '"')
    assert secret not in masked(line)


@pytest.mark.parametrize("line", HARMLESS, ids=range(len(HARMLESS)))
def test_it_is_left_alone(line):
    assert list(secrets_in(line)) == []
    assert masked(line) == line


def test_masking_keeps_the_rest():
    first, second = SHAPES["github"], SHAPES["aws"]
    assert masked(f"a {first} b {second} c") == "a … b … c"
    url, _ = NAMED["url"]
    assert masked(url) == "create_engine('postgresql+psycopg://…:…@db:5432/zen')"


# ---------------------------------------------------------------------------- in a notebook


def everywhere(line: str) -> dict[str, list[dict]]:
    """A line at every place that a notebook has."""
    lines = line.splitlines(keepends=True)
    html = "<pre>" + line.replace('"', "&quot;").replace("'", "&#39;") + "</pre>"
    return {
        "a source": [code(line)],
        "a source in lines": [code() | {"source": ["a = 1\n", *lines]}],
        "markdown": [markdown(f"Use `{line}`.")],
        "raw": [{"cell_type": "raw", "metadata": {}, "source": line}],
        "a stream": [code("", printed(line))],
        "a coloured stream": [code("", printed(f"\x1b[31m{line}\x1b[0m"))],
        "html": [code("", shown(html=html))],
        "text": [code("", shown(text=line))],
        "json": [code("", shown(data={"application/json": {"a": [{"b": line}]}}))],
        "a panel": [code("", shown(data={"application/vnd.zenlab.v1+json": {"panel": line}}))],
        "an error": [code("", failed("ValueError", line))],
        "an error's name": [code("", failed(line))],
        "a traceback": [code("", failed("ValueError", "no", "\x1b[0;31mx\x1b[0m", line))],
        "a cell's metadata": [code(note=line)],
        "a tag": [code(tags=["zenlab:allow-" + line])],
        "an output's metadata": [code("", shown({"a": line}, text="x"))],
        "a MIME type": [code("", shown(data={line: "x" * 50_000}))],
    }


@pytest.mark.parametrize("place", everywhere(""))
@pytest.mark.parametrize("name", ALL)
def test_it_is_found_everywhere_and_never_printed(tmp_path, capsys, name, place):
    line, secret = ALL[name]
    path = write(tmp_path / "a.ipynb", *everywhere(line)[place])
    status = run_command(["notebook", "check", str(path)])
    said = capsys.readouterr()
    for part in {secret, *secret.split("\n")}:
        assert part not in said.out + said.err
    if place != "a MIME type":
        assert status == 1
        assert "error secret" in said.out


@pytest.mark.parametrize("name", ALL)
def test_other_rules_do_not_print_it(tmp_path, capsys, name):
    """Beside a path, in a broken file, and where the rule itself is left out or allowed."""
    line, secret = ALL[name]
    cells = [cell for cells in everywhere(line).values() for cell in cells]
    path = write(tmp_path / "a.ipynb", *cells, code("open('/ho" + f"me/jane/{line}')"))
    broken = tmp_path / "b.ipynb"
    broken.write_text(f'{{"cells": [{line}')
    for options in ([], ["--ignore", "secret"], ["--rule", "absolute-path"]):
        assert run_command(["notebook", "check", *options, str(path), str(broken)]) == 1
        said = capsys.readouterr()
        for part in {secret, *secret.split("\n")}:
            assert part not in said.out + said.err


@pytest.mark.parametrize("folder", ["/ho" + "me/{}/x", "/opt/{}/lib/site-packages/x"])
def test_a_path_through_a_folder_named_by_a_secret(tmp_path, capsys, folder):
    path = write(tmp_path / "a.ipynb", code("", printed(folder.format(SHAPES["github"]))))
    assert run_command(["notebook", "check", "--rule", "absolute-path", str(path)]) == 1
    said = capsys.readouterr().out
    assert "error absolute-path" in said
    assert SHAPES["github"] not in said


def test_a_service_account_and_papermill(tmp_path, capsys):
    account = {"type": "service_account", "private_key": PRIVATE_KEY, "client_email": "a@b"}
    cell = code("", shown(data={"application/json": account}))
    path = write(tmp_path / "a.ipynb", cell, papermill={"parameters": {"password": PASSWORD}})
    assert run_command(["notebook", "check", "--rule", "secret", str(path)]) == 1
    said = capsys.readouterr().out
    assert "cell 1, output 1: error secret\n  This looks like a private key" in said
    assert "metadata of the notebook: error secret" in said
    assert PASSWORD not in said


def test_one_secret_in_two_mime_types_is_one_finding(tmp_path, capsys):
    value = SHAPES["github"]
    both = shown(html=f"<b>{value}</b>{value}", text=value)
    path = write(tmp_path / "a.ipynb", code(f"a = 1\nx = '{value}'", both))
    assert run_command(["notebook", "check", str(path)]) == 1
    said = capsys.readouterr().out
    assert said.count("error secret") == 2
    assert "cell 1, line 2: error secret" in said
    assert "cell 1, output 1: error secret" in said
    assert "a GitHub token (ghp_…, 40 characters)" in said
