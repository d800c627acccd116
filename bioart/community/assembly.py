"""The assembly: votes, in which every zone counts alike (docs/design.md, "Events")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from bioart.community.memory import Memory
from bioart.errors import BioartError, shown

_SPLIT = "\t"  # stands in no name: names are printable


class Ballot:
    """One proposal. A person's last vote counts; their zone is the one from which it came."""

    def __init__(self, proposal: str, choices: Sequence[str]) -> None:
        self.proposal, self.choices = proposal, tuple(choices)
        self.votes = Memory(f"vote:{proposal}")
        self.won: str | None = None
        self._tally: dict[str, dict[str, int]] = {}
        self._settled: tuple[int, float] | None = None  # the votes and quorum that `won` answers to

    def cast(self, token: str, zone: str, choice: str) -> None:
        if choice not in self.choices:
            raise BioartError(
                f"proposal '{self.proposal}': no choice {shown(choice)}; allowed: {', '.join(self.choices)}"
            )
        was = self.votes.get(token)
        if was is not None:
            self._count(was, -1)
        value = f"{zone}{_SPLIT}{choice}"
        gone = self.votes.put(token, value)
        if gone is not None:
            self._count(gone[1], -1)
        self._count(value, 1)

    def _count(self, value: str, by: int) -> None:
        zone, choice = value.split(_SPLIT)
        tally = self._tally.setdefault(zone, dict.fromkeys(self.choices, 0))
        tally[choice] += by
        if not any(tally.values()):
            del self._tally[zone]

    def shares(self) -> dict[str, Fraction]:
        """Each choice's mean share over the zones in which anybody voted, exactly."""
        zones = [self._tally[z] for z in sorted(self._tally)]
        if not zones:
            return {}
        sums = {c: sum((Fraction(t[c], sum(t.values())) for t in zones), Fraction(0)) for c in self.choices}
        return {c: s / len(zones) for c, s in sums.items()}

    def settle(self, quorum: float) -> str | None:
        """The choice that stands: the highest mean share once `quorum` persons voted; a tie keeps what is."""
        asked = (self.votes.digest, quorum)
        if len(self.votes) >= quorum and asked != self._settled:
            self._settled = asked
            shares = self.shares()
            best = max(shares.values())
            leading = [c for c in self.choices if shares[c] == best]
            if len(leading) == 1:
                self.won = leading[0]
        return self.won

    def restore(self, state: Mapping[str, Any]) -> None:
        self.votes.restore(state["votes"])
        self.won, self._tally, self._settled = state["won"], {}, None
        for _, value in self.votes.items():
            self._count(value, 1)


class Assembly:
    """Every proposal's ballot. What nobody decided stays as the preset has it."""

    def __init__(self, proposals: Mapping[str, Sequence[str]]) -> None:
        """proposals: name → its choices, in the preset's order."""
        self.ballots = {name: Ballot(name, choices) for name, choices in proposals.items()}
        self._open: dict[str, None] = {}

    def cast(self, token: str, zone: str | None, proposal: str, choice: str) -> None:
        """A vote without a zone counts with the others that have none, as one zone more."""
        if proposal not in self.ballots:
            raise BioartError(f"no proposal {shown(proposal)}; allowed: {', '.join(self.ballots) or 'none'}")
        self.ballots[proposal].cast(token, zone or "", choice)
        self._open[proposal] = None

    def settle(self, quorum: float) -> dict[str, str]:
        """proposal → the choice that stands, for those that were ever decided."""
        for name in self._open:
            self.ballots[name].settle(quorum)
        return {n: b.won for n, b in self.ballots.items() if b.won is not None}

    @property
    def digest(self) -> list[Any]:
        return [[n, b.votes.digest, b.won] for n, b in self.ballots.items() if len(b.votes) or b.won]

    def state(self) -> dict[str, Any]:
        return {n: {"votes": b.votes.state(), "won": b.won} for n, b in self.ballots.items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._open = {}
        for name, ballot in self.ballots.items():
            ballot.restore(state[name])
            if len(ballot.votes):
                self._open[name] = None
