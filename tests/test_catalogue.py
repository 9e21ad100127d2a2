"""The catalogue's index says what the derivations come to."""

from __future__ import annotations

import pytest

import derivations
from workings.index import text


def test_the_index_is_what_the_derivations_come_to() -> None:
    stored = derivations.INDEX.read_text(encoding="utf-8")
    assert stored == text(), "run `python -m workings.index`"


@pytest.mark.parametrize("name", derivations.names())
def test_every_entry_is_found_under_its_name(name: str) -> None:
    entry = next(entry for entry in derivations.entries() if entry["name"] == name)
    derivation = derivations.load(name)
    assert (derivation.name, derivation.title, derivation.source) == (name, entry["title"], entry["source"])


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        derivations.load("nothing")
