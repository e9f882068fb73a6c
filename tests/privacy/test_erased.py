"""Who counts as erased: the same account, or an older one of the same name."""

from datetime import UTC, datetime, timedelta

import pytest

from pythonmastery_ext.privacy.erased import Entry, Wanted, github_mark, username_mark

MADE = datetime(2026, 1, 1, 12, tzinfo=UTC)
ERASED = MADE + timedelta(days=60)


@pytest.fixture
def wanted(keyring) -> Wanted:
    entry = Entry(
        user_id=7,
        account_at=MADE.isoformat(),
        username=username_mark(keyring, "ada").hex(),
        github=github_mark(keyring, 4711).hex(),
        erased_at=ERASED.isoformat(),
    )
    return Wanted([entry], keyring)


@pytest.mark.parametrize(
    ("account", "erased"),
    [
        ((7, "ada", 4711, MADE), True),
        ((7, "renamed-since", None, MADE), True),
        ((8, "ada", None, MADE + timedelta(days=1)), True),
        ((8, "renamed-since", 4711, MADE), True),
        ((8, "ada", 4711, ERASED + timedelta(days=1)), False),
        ((7, "number-given-again", None, MADE + timedelta(days=90)), False),
        ((8, "somebody-else", 12, MADE), False),
    ],
)
def test_an_account_is_recognised_and_a_new_one_is_not(wanted, account, erased):
    assert wanted.has(*account) is erased
