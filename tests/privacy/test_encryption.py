"""Sealed values: what opens them, and what is said when they do not open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pythonmastery_ext.db.encryption import (
    Keyring,
    Keys,
    KeyUnknown,
    SealBroken,
    SealVersionUnknown,
    key_mark,
    key_of,
)

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
BLIND = bytes(range(2, 34))
PLACE = {"table": "app_user", "column": "email", "row": 7}


def ring(*ids: int, current: int | None = None) -> Keyring:
    every = {1: OLD, 2: NEW}
    keys = Keys(keys={i: every[i] for i in ids}, current=current or ids[-1], blind=BLIND)
    return Keyring(lambda: keys)


@given(st.text(st.characters(codec="utf-8")))
def test_what_was_sealed_opens_again(text):
    assert ring(1).open(ring(1).seal(text, **PLACE), **PLACE) == text


def test_an_address_of_49_bytes_takes_80_bytes():
    assert len(ring(1).seal("a" * 49, **PLACE)) == 80


def test_the_same_text_is_sealed_differently_each_time():
    assert ring(1).seal("ada@example.org", **PLACE) != ring(1).seal("ada@example.org", **PLACE)


@pytest.mark.parametrize("changed", [{"row": 8}, {"column": "display_name"}, {"table": "other"}])
def test_a_value_moved_elsewhere_does_not_open(changed):
    sealed = ring(1).seal("ada@example.org", **PLACE)
    with pytest.raises(SealBroken, match="belongs to another place"):
        ring(1).open(sealed, **{**PLACE, **changed})


def test_a_change_of_any_byte_is_noticed():
    sealed = ring(1, 2).seal("ada", **PLACE)
    for position in range(len(sealed)):
        bad = bytearray(sealed)
        bad[position] ^= 1
        with pytest.raises((SealBroken, KeyUnknown, SealVersionUnknown)):
            ring(1, 2).open(bytes(bad), **PLACE)


def test_a_cut_value_does_not_open():
    sealed = ring(1).seal("ada", **PLACE)
    for length in range(1, len(sealed)):
        with pytest.raises(SealBroken):
            ring(1).open(sealed[:length], **PLACE)


def test_a_key_that_is_not_in_the_file_is_named():
    sealed = ring(2).seal("ada", **PLACE)
    with pytest.raises(KeyUnknown, match=r"app_user\.email of row 7 is encrypted with key 2"):
        ring(1).open(sealed, **PLACE)


def test_another_key_under_the_same_id_does_not_open_it():
    other = Keyring(lambda: Keys(keys={1: NEW}, current=1, blind=BLIND))
    with pytest.raises(SealBroken):
        other.open(ring(1).seal("ada", **PLACE), **PLACE)


@pytest.mark.parametrize("sealed", [b"", b"\x02" + bytes(40), b"ada@example.org"])
def test_what_is_no_sealed_value_of_this_release_is_told_apart(sealed):
    with pytest.raises(SealVersionUnknown, match="does not know"):
        ring(1).open(sealed, **PLACE)


def test_old_values_open_while_new_ones_use_the_current_key():
    before = ring(1).seal("ada", **PLACE)
    both = ring(1, 2, current=2)
    after = both.seal("ada", **PLACE)
    assert (key_of(before), key_of(after), both.current) == (1, 2, 2)
    assert both.open(before, **PLACE) == both.open(after, **PLACE) == "ada"
    assert after.startswith(key_mark(2))


def test_the_blind_index_knows_an_address_however_it_is_written():
    one = ring(1)
    assert one.blind(" Ada@Example.ORG ") == one.blind("ada@example.org")
    assert one.blind("ada@example.org") == ring(1, 2).blind("ada@example.org")
    assert one.blind("ada@example.org") != one.blind("bob@example.org")
    assert len(one.blind("")) == 32


def test_keys_are_in_no_printed_form():
    shown = repr(Keys(keys={1: OLD}, current=1, blind=BLIND))
    assert repr(OLD) not in shown
    assert repr(BLIND) not in shown
