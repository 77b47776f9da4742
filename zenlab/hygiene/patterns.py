"""What secrets look like, and how to write that there is one without writing it.

Own patterns, since the one maintained library in pure Python, detect-secrets, would bring requests
and PyYAML into everybody's environment, looks at files line by line (a notebook's lines are JSON),
and has had no release since May 2024.

Two kinds: tokens whose maker gave them a shape, and values that stand behind a name such as
`password`. The latter count only if they look random, or `token = "end_of_sentence"` would be one.
Every pattern is bounded, and is tried only where a literal part of it occurs: ten megabytes of
anything take a moment.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Secret(NamedTuple):
    """A part of a text that looks like a secret.

    Args:
        kind: what it seems to be, such as "a GitHub token".
        shown: what may be printed of it.
        start: where the secret itself begins in the text.
        end: where it ends.
    """

    kind: str
    shown: str
    start: int
    end: int


class _Shape(NamedTuple):
    kind: str
    literals: tuple[str, ...]  # one of them occurs in whatever matches
    public: int  # characters of the match that are the same in all such tokens
    pattern: re.Pattern[str]


def _shape(kind: str, literals: str, pattern: str, public: int | None = None) -> _Shape:
    words = tuple(literals.split())
    # Not in the middle of a longer word; what is left of base64 never fits by chance.
    whole = rf"(?<![\w+-])(?:{pattern})(?![\w+-])"
    return _Shape(kind, words, len(words[0]) if public is None else public, re.compile(whole))


_SHAPES = (
    _shape("an access key of AWS", "AKIA ASIA", r"(?:AKIA|ASIA)[0-9A-Z]{16}"),
    _shape("an API key of Google", "AIza", r"AIza[\w-]{35}"),
    _shape("an access token of Google", "ya29.", r"ya29\.[\w-]{20,2000}"),
    _shape("an OAuth secret of Google", "GOCSPX-", r"GOCSPX-[\w-]{20,60}"),
    _shape("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    _shape("a GitHub token", "github_pat_", r"github_pat_\w{40,255}"),
    _shape("a GitLab token", "glpat-", r"glpat-[\w.-]{20,300}"),
    _shape("a Slack token", "xox", r"xox[abeoprs]-[\w-]{10,300}"),
    _shape(
        "a Slack webhook",
        "hooks.slack.com/services/",
        r"https://hooks\.slack\.com/services/[\w/]{20,120}",
        public=len("https://hooks.slack.com/services/"),
    ),
    _shape("an API key of OpenAI or Anthropic", "sk-", r"sk-(?=[\w-]{0,300}\d)[\w-]{32,300}"),
    _shape("a Hugging Face token", "hf_", r"hf_[A-Za-z0-9]{30,100}"),
    _shape("a token of a package index", "pypi-", r"pypi-[\w-]{40,400}"),
    _shape("an npm token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _shape("a Stripe key", "k_live_", r"[rs]k_live_[A-Za-z0-9]{16,200}", public=len("sk_live_")),
    _shape("a SendGrid key", "SG.", r"SG\.[\w-]{16,32}\.[\w-]{16,64}"),
    _shape("a Databricks token", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    _shape("a JSON web token", "eyJ", r"eyJ[\w-]{15,4000}\.eyJ[\w-]{15,8000}\.[\w-]{10,2000}"),
    _shape("a key of Azure storage", "AccountKey=", r"AccountKey=[A-Za-z0-9+/]{40,120}={0,2}"),
)

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}-----")
_KEY_LENGTH = 20_000
_MOST = 1000

_URL_KIND = "a password in a URL"
_IN_URL = re.compile(r"://([^\s:/@'\"<>]{0,100}):([^\s@/'\"<>]{1,300})@")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}\Z")

_PASSWORDS = "password|passwd|passphrase|pwd"
_OTHERS = (
    "secret|token|api[_-]?key|access_?key|account_?key|auth_?key|private_?key"
    "|signing_?key|encryption_?key|credential"
)
# `token` and `TOKEN_OF_X`, but not `tokenizer`; then `=`, `:` or `", "`, and a value in quotes or,
# as in the output of `env`, without.
_NAMED = re.compile(
    rf"(?:({_PASSWORDS})|(?:{_OTHERS}))s?(?![A-Za-z])[\w.-]{{0,40}}+"
    r"(?:['\"]\]|['\"])?(?:\s{0,4}(?::=|=>|=|:)\s{0,4}|\s{0,2},\s{0,2}(?=['\"]))"
    r"(?:[rbfu]{0,2}(['\"])(?P<quoted>[^'\"\s]{8,500})\2"
    # A name, a call or an attribute is no value: nothing may follow it, and no shorter part counts.
    r"|(?P<bare>[\w+/=~!@#%^*-]{8,500}+)(?![(\[.]))",
    re.IGNORECASE,
)
_NAME_LITERALS = (*_PASSWORDS.split("|"), "secret", "token", "key", "credential")

# What documentation writes in place of a secret, and what is the name of one or a path.
_EXAMPLE = re.compile(
    r"\$\{|\{\w{0,40}\}|…|\*{3}|\.{3}|x{4}|example|your|change_?me|placeholder|dummy|redacted",
    re.IGNORECASE,
)
_NO_VALUE = re.compile(r"[<\[{(%@~/.$]|https?://|(?:sha\d{1,3}|md5)[-:]", re.IGNORECASE)
_PLACEHOLDER_WORDS = frozenset(
    ("password", "passwd", "pass", "pw", "pwd", "secret", "token", "key", "user", "username")
)


def secrets_in(text: str) -> Iterator[Secret]:
    """The parts of a text that look like secrets, at most a thousand; no two overlap.

    Example:
        >>> [s.shown for s in secrets_in("url = 'mysql://jane:correct-horse@db/zen'")]
        ['mysql://…:…@']
    """
    taken: list[Secret] = []
    for found in islice(_all(text), _MOST):
        if all(found.end <= other.start or other.end <= found.start for other in taken):
            taken.append(found)
            yield found


def masked(text: str) -> str:
    """A text with everything in it that looks like a secret written as `…`."""
    found = sorted(secrets_in(text), key=lambda secret: secret.start, reverse=True)
    for secret in found:
        mask = "…:…" if secret.kind == _URL_KIND else "…"
        text = f"{text[: secret.start]}{mask}{text[secret.end :]}"
    return text


def _all(text: str) -> Iterator[Secret]:
    if "PRIVATE KEY" in text:
        for match in _PRIVATE_KEY.finditer(text):
            last = _KEY_END.search(text, match.end(), match.end() + _KEY_LENGTH)
            end = last.end() if last else min(len(text), match.end() + _KEY_LENGTH)
            yield Secret("a private key", "-----BEGIN … KEY-----", match.start(), end)
    for shape in _SHAPES:
        if any(literal in text for literal in shape.literals):
            for match in shape.pattern.finditer(text):
                if not _EXAMPLE.search(match.group()):
                    shown = f"{match.group()[: shape.public]}…"
                    length = f", {len(match.group())} characters"
                    yield Secret(shape.kind, shown + length, *match.span())
    if "://" in text:
        yield from _in_urls(text)
    lowered = text.lower()
    if any(literal in lowered for literal in _NAME_LITERALS):
        yield from _named(text)


def _in_urls(text: str) -> Iterator[Secret]:
    for match in _IN_URL.finditer(text):
        user, password = match.groups()
        if len(password) < 4 or password == user or _is_placeholder(password):
            continue  # `postgres:postgres@localhost` is what everybody has
        scheme = _SCHEME.search(text, max(0, match.start() - 31), match.start())
        if scheme and scheme.group() == "github":  # of fsspec: github://org:repo@branch/path
            continue
        shown = f"{scheme.group() if scheme else ''}://…:…@"
        yield Secret(_URL_KIND, shown, match.start(1), match.end(2))


def _named(text: str) -> Iterator[Secret]:
    for match in _NAMED.finditer(text):
        group = "quoted" if match.group("quoted") is not None else "bare"
        value = match.group(group)
        password = match.group(1) is not None
        if group == "bare" and sum(map(str.isdigit, value)) < 3:
            continue  # the name of a variable, most likely
        if not _looks_random(value, password=password):
            continue
        name = "password" if password else "secret, token or key"
        length = f"…, {len(value)} characters"
        yield Secret(f"a value assigned to a {name}", length, *match.span(group))


def _is_placeholder(value: str) -> bool:
    return bool(
        value.lower() in _PLACEHOLDER_WORDS or _NO_VALUE.match(value) or _EXAMPLE.search(value)
    )


def _looks_random(value: str, *, password: bool) -> bool:
    """Whether nobody would write this value as a word: mixed characters, few of them repeated."""
    if _is_placeholder(value):
        return False
    classes = sum(
        any(map(test, value))
        for test in (str.isupper, str.islower, str.isdigit, lambda c: not c.isalnum())
    )
    has_digit = any(map(str.isdigit, value))
    if password:
        return classes >= 2 and has_digit and _bits(value) >= 2.5
    return len(value) >= 16 and classes >= 2 and has_digit and _bits(value) >= 3.0


def _bits(value: str) -> float:
    """Shannon's entropy of the characters, in bits a character."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)
