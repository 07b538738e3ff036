"""One way of counting shares: if just these stakes count, whom do the seeds reach, and through whom."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final

from carveout.engine.parties.shares import NOUGHT, WHOLE, Policy, Stake, Tally, total

Closure = Callable[[frozenset[str], frozenset[tuple[str, str]]], frozenset[str]]
"""From seeds and edges to the seeds and whatever the edges lead to from them."""

_CLOSURE_EDGES: Final = 150  # a closure from outside is asked about small graphs only
_STEPS: Final = 12  # of a path, those nearest to the party


class Counting:
    """Whom the seeds reach if just these stakes and controls count."""

    def __init__(
        self,
        stakes: Iterable[Stake],
        controls: Iterable[tuple[str, str]],
        seeds: Iterable[str],
        policy: Policy,
        closure: Closure | None,
    ) -> None:
        self._policy, self._seeds = policy, frozenset(seeds)
        self._holders: dict[str, dict[str, tuple[Decimal, Decimal]]] = {}  # of a party: alone and jointly
        self._unknown: dict[str, Decimal] = {}
        for stake in stakes:
            if stake.owner is None:
                self._unknown[stake.held] = total(self._unknown.get(stake.held, NOUGHT), stake.percent)
            elif stake.percent:
                holders = self._holders.setdefault(stake.held, {})
                alone, joint = holders.get(stake.owner, (NOUGHT, NOUGHT))
                more = (NOUGHT, stake.percent) if stake.joint else (stake.percent, NOUGHT)
                holders[stake.owner] = (total(alone, more[0]), total(joint, more[1]))
        self._controllers: dict[str, list[str]] = {}
        for controller, controlled in dict.fromkeys(controls):
            self._controllers.setdefault(controlled, []).append(controller)
        self._tallies = {party: Tally() for party in (*self._holders, *self._unknown)}
        self._written: dict[str, list[tuple[str, str]]] = {}
        self._members: set[str] = set()  # whose stakes count: the seeds and the reached
        self._grow(closure)
        self.reached = {party for party in self._tallies if policy.met_by(self.share(party))}
        for party, by in self._controllers.items():
            if not self._members.isdisjoint(by):
                self.reached.add(party)

    def share(self, party: str) -> Decimal:
        """The share of the party that counts, in percent."""
        tally, unknown = self._tallies.get(party), self._unknown.get(party, NOUGHT)
        # Whose the share of a holder not known is, is not known either: it may be the largest holder's.
        return min(WHOLE, total(tally.share(self._policy.adds_up), unknown)) if tally else NOUGHT

    def seeds_that_counted(self) -> dict[str, tuple[str, ...]]:
        """For each reached party the seeds whose stakes or control counted, along the whole way."""
        names = sorted(self._seeds)
        own = {seed: 1 << at for at, seed in enumerate(names)}  # a number is a set of seeds
        ahead: dict[str, list[str]] = defaultdict(list)
        for party in self.reached:
            for owner in self._who_counted(party):
                ahead[owner].append(party)
        came = dict.fromkeys(self.reached, 0)
        waiting = deque(names)
        while waiting:
            owner = waiting.popleft()
            brought = own.get(owner, 0) | came.get(owner, 0)
            for party in ahead[owner]:
                if came[party] | brought != came[party]:
                    came[party] |= brought
                    waiting.append(party)
        listed = {seeds: tuple(names[at] for at in _places(seeds)) for seeds in {*came.values()}}
        return {party: listed[seeds] for party, seeds in came.items()}

    def path(self, party: str) -> tuple[str, ...]:
        """The steps to the party in plain words, the farthest first; those that are too many are left out."""
        levels: list[list[str]] = []
        left, seen, level = _STEPS, {party}, [party]
        while level:
            steps = [step for held in level for step in self._steps(held)]
            levels.append([words for words, _ in steps[:left]])
            if len(steps) > left:
                levels.append(["..."])
                break
            left -= len(steps)
            owners = dict.fromkeys(owner for _, owner in steps if owner in self.reached)
            level = [owner for owner in owners if owner not in seen]
            seen.update(level)
        return tuple(words for some in reversed(levels) for words in some)

    def _grow(self, closure: Closure | None) -> None:
        """Rounds of following steps that need no adding up, and of adding up, until nothing is new."""
        policy = self._policy
        ahead: dict[str, list[str]] = defaultdict(list)
        along: dict[str, list[str]] = defaultdict(list)  # where one holder is enough
        for party, holders in self._holders.items():
            for owner, (alone, joint) in holders.items():
                ahead[owner].append(party)
                if policy.met_by(total(alone, joint, self._unknown.get(party, NOUGHT))):
                    along[owner].append(party)
        for party, controllers in self._controllers.items():
            for controller in controllers:
                along[controller].append(party)
        edges = frozenset((owner, held) for owner, some in along.items() for held in some)
        if closure is None or len(edges) > _CLOSURE_EDGES:
            closure = self._walk(along)
        new = self._seeds.union(party for party, share in self._unknown.items() if policy.met_by(share))
        while new:
            if any(owner in along for owner in new):
                new = closure(new, edges) - self._members
            self._members |= new
            touched = set()
            for owner in new:
                for party in ahead.get(owner, ()):
                    self._tallies[party].add(*self._holders[party][owner])
                    touched.add(party)
            new = frozenset(p for p in touched - self._members if policy.met_by(self.share(p)))

    def _walk(self, along: dict[str, list[str]]) -> Closure:
        def closure(seeds: frozenset[str], _edges: frozenset[tuple[str, str]]) -> frozenset[str]:
            reached, to_visit = set(seeds), list(seeds)
            while to_visit:
                for held in along.get(to_visit.pop(), ()):
                    if held not in reached and held not in self._members:
                        reached.add(held)
                        to_visit.append(held)
            return frozenset(reached)

        return closure

    def _who_counted(self, party: str) -> list[str]:
        """The holders and controllers through whom a party is reached."""
        held = self._holders_that_count(party) if self._policy.met_by(self.share(party)) else []
        return [*held, *(by for by in self._controllers.get(party, ()) if by in self._members)]

    def _holders_that_count(self, party: str) -> list[str]:
        """All of them where stakes add up; else those with enough or, where nobody has, with the most."""
        holders, tally = self._holders.get(party, {}), self._tallies[party]
        counted = [owner for owner in holders if owner in self._members]
        if self._policy.adds_up:
            return counted
        unknown, most = self._unknown.get(party, NOUGHT), tally.share(adds_up=False)
        shares = {owner: tally.share_of_one(*holders[owner]) for owner in counted}
        enough = [o for o in counted if self._policy.met_by(total(shares[o], unknown))]
        return enough or [o for o in counted if shares[o] == most]

    def _steps(self, party: str) -> list[tuple[str, str]]:
        """The same for many a path, and so written once."""
        if party not in self._written:
            self._written[party] = list(self._write_steps(party))
        return self._written[party]

    def _write_steps(self, party: str) -> Iterator[tuple[str, str]]:
        """The last steps to a party with the owner each comes from, the largest share first."""
        if party in self._tallies and (party not in self.reached or self._policy.met_by(self.share(party))):
            holders = self._holders.get(party, {})
            for owner in sorted(self._holders_that_count(party), key=lambda o: (total(*holders[o]).copy_negate(), o)):
                alone, joint = holders[owner]
                jointly = " jointly" if joint else ""
                yield f"{owner} {_written(total(alone, joint))} %{jointly} -> {party}", owner
            if unknown := self._unknown.get(party):
                yield f"holder not known {_written(unknown)} % -> {party}", ""
        for controller in sorted(self._controllers.get(party, ())):
            if controller in self._members:
                yield f"{controller} controls {party}", controller


def _places(number: int) -> Iterator[int]:
    while number:
        yield (number & -number).bit_length() - 1
        number &= number - 1


def _written(percent: Decimal) -> str:
    text = format(percent, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
