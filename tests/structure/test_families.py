"""Every file of a family stands under its contract by being there."""

from __future__ import annotations

import pytest

from bioart import registry
from bioart.errors import BioartError
from bioart.param import Param, params_of

KINDS = [(family, name) for family in registry.FAMILIES for name in registry.names(family)]


def test_every_family_has_a_kind() -> None:
    assert {family for family, _ in KINDS} == set(registry.FAMILIES)


@pytest.mark.parametrize(("family", "name"), KINDS)
def test_a_kind_is_one_class_that_says_what_it_is(family: str, name: str) -> None:
    found = registry.kind(family, name)
    assert (found.__doc__ or "").strip(), f"{found.__name__} has no docstring"
    for param in params_of(found).values():
        assert isinstance(param, Param)
        assert param.low <= param.default <= param.high
        assert param.low < param.high
        assert param.doc.strip()
        assert param.curve == "linear" or param.low > 0


@pytest.mark.parametrize("family", list(registry.FAMILIES))
def test_an_unknown_kind_names_what_there_is(family: str) -> None:
    with pytest.raises(BioartError, match=f"no {family} 'zzz'; allowed: "):
        registry.kind(family, "zzz")
