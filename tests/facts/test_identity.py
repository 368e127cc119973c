"""Citizen ID numbers by GB 11643."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khotail.facts import identity

born = st.dates(date(1900, 1, 1), date(1999, 12, 31))
sequences = st.integers(1, 999)


@given(born, sequences)
def test_fifteen_digits_and_eighteen_are_the_same_number(day, sequence):
    old = f"152221{day:%y%m%d}{sequence:03d}"
    new = identity.normalise(old)
    assert new[:6] + new[8:17] == old
    assert identity.is_valid(new)
    assert identity.birth_date(new) == day
    assert identity.sex(new) == ("男" if sequence % 2 else "女")
    assert not identity.is_destroyed(new)


@given(born, sequences, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(day, sequence, place, shift):
    number = identity.upgrade(f"152221{day:%y%m%d}{sequence:03d}")
    wrong = str((int(number[place]) + shift) % 10)
    assert not identity.is_valid(number[:place] + wrong + number[place + 1 :])


@given(st.text())
def test_no_text_breaks_anything(text):
    number = identity.normalise(text)
    identity.is_valid(number), identity.is_destroyed(text), identity.birth_date(number), identity.sex(number)
    assert len(identity.masked(text)) == len(text)


def test_forms_that_people_write():
    assert identity.normalise(" 11010519491231002x ") == "11010519491231002X"
    assert identity.normalise("１１０１０５１９４９１２３１００２Ｘ") == "11010519491231002X"
    assert identity.normalise("'110105-19491231-002X") == "11010519491231002X"
    assert identity.is_valid("11010519491231002X41")


@pytest.mark.parametrize("text", ["1.52221E+17", "1.5222119900101E+17", "152221199001011000"])
def test_what_excel_destroyed_is_seen(text):
    assert identity.is_destroyed(text)


def test_a_mask_hides_the_birth_date():
    assert identity.masked("152221199001011234") == "152221********1234"
