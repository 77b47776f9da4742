"""`core.secrets`: what is masked, and what is left alone."""

from __future__ import annotations

import traceback

import pytest

from zenlab.core import secrets
from zenlab.core.errors import StoreError
from zenlab.core.secrets import hidden, mask

SECRET = "p@ss/w:rd%20 'é\"\\"


@pytest.fixture
def known():
    """A secret that this process has resolved."""
    secrets.remember(SECRET)
    yield SECRET
    secrets.forget(SECRET)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://u:pw@h/db", "postgresql://u:***@h/db"),
        ("postgresql://u:p@ss/w@h/db, then", "postgresql://u:***@h/db, then"),
        ("mysql+pymysql://:pw@h/db", "mysql+pymysql://:***@h/db"),
        ("http://h/x,mysql://u:pw@h/db", "http://h/x,mysql://u:***@h/db"),
        ("host=h password=pw user=u", "host=h password=*** user=u"),
        ("host=h password='p w' user=u", "host=h password=*** user=u"),
        ("?sslpassword=pw&sslmode=require", "?sslpassword=***&sslmode=require"),
        ("{'secret': 'abc', 'user': 'u'}", "{'secret': ***, 'user': 'u'}"),
        ('{"aws_secret_access_key": "abc"}', '{"aws_secret_access_key": ***}'),
        ("https://h/o?token=abc&alt=json", "https://h/o?token=***&alt=json"),
        ("PASSWORD=pw", "PASSWORD=***"),
    ],
)
def test_the_shapes_of_credentials_are_masked(text, shown):
    assert mask(text) == shown
    assert mask(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:${DB_PASSWORD}@h/db",
        "postgresql://u:${A|keyring:zenlab db/u}@h/db",
        "postgresql://u@h:5432/db",
        "http://127.0.0.1:8080/o/a@b.c",
        "gs://bucket/dir and s3://bucket/other",
        "Access denied for user 'u'@'h' (using password: YES)",
        'FATAL: password authentication failed for user "u"',
        "max_tokens=5, token=[PAD], key=3, aws_access_key_id=AKIA",
        "secrets are kept: see ann@example.org",
    ],
)
def test_all_else_stays(text):
    assert mask(text) == text


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        "p%40ss%2Fw%3Ard%2520%20%27%C3%A9%22%5C",
        "p%40ss/w%3Ard%2520%20%27%C3%A9%22%5C",
        "p%40ss%2Fw%3Ard%2520+%27%C3%A9%22%5C",
        "p@ss/w:rd%20 '\\u00e9\\\"\\\\",
        repr(SECRET)[1:-1],
        repr({"x": SECRET})[7:-2],
    ],
)
def test_a_known_secret_is_found_in_every_form(known, form):
    assert mask(f"<{form}>") == "<***>"


def test_a_longer_secret_is_masked_before_its_beginning():
    for value in ("abcdef", "abcdefgh"):
        secrets.remember(value)
    try:
        assert mask("abcdefgh abcdef") == "*** ***"
    finally:
        for value in ("abcdef", "abcdefgh"):
            secrets.forget(value)


def test_a_secret_of_three_letters_does_not_eat_words():
    secrets.remember("the")
    try:
        assert mask("the other") == "the other"
        assert mask("mysql://u:the@h") == "mysql://u:***@h"
    finally:
        secrets.forget("the")


def test_errors_mask_all_their_parts(known):
    error = StoreError(f"It said {known}", where=f"at {known}", hint=f"see {known}")
    assert known not in f"{error} {error!r} {error.args} {error.hint} {error.where}"
    assert "***" in error.message


def test_a_cause_with_a_secret_is_replaced_and_keeps_its_place(known):
    def driver():
        raise ValueError(f"dsn {known}")

    def store():
        try:
            try:
                driver()
            except ValueError as inner:
                raise OSError("harmless") from inner
        except OSError as error:
            raise StoreError("The store cannot be read.") from hidden(error)

    with pytest.raises(StoreError) as caught:
        store()
    shown = "".join(traceback.format_exception(caught.value))
    assert known not in shown
    assert "HiddenError: OSError: harmless" in shown
    assert "in store" in shown


def test_a_cause_without_a_secret_stays_itself(known):
    error = ValueError("harmless")
    assert hidden(error) is error


def test_notes_and_groups_are_looked_at(known):
    noted = ValueError("harmless")
    noted.add_note(known)
    group = ExceptionGroup("two", [ValueError(known)])
    assert hidden(noted) is not noted
    assert hidden(group) is not group
    assert known not in str(hidden(group))


def test_long_texts_are_masked_in_linear_time():
    for piece in ("://", "://a:b", "password=", "'secret", '"a', "a@", "secret='"):
        mask(piece * 100_000)  # a quadratic pattern takes minutes: the time limit of the test run
