"""What becomes of each engagement once every shield is known, and which duties follow.

durable-rules derives it where it can be imported; the formula below says the same in a few lines. Every
derivation is compared with the formula and then kept: the same facts in, the same findings out. After a fault
the formula answers alone, and `at_work` says so.
"""

import logging
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from carveout.engine.decide import durable_settling
from carveout.engine.decide.durable_settling import MOST_FACTS, Rules, Unusable
from carveout.engine.law.truth import TRUE, UNKNOWN

FREE, LIMIT, AUTHORIZED, GRANTABLE, STANDS = -1, 0, 1, 2, 3
"""What an engagement comes to, mildest first: not engaged after all, within a statutory limit, authorized,
lifted if a permit is granted, standing."""

Shield = tuple[int, int]
"""How sure it is (TRUE or UNKNOWN) and how it lifts (LIMIT, AUTHORIZED or GRANTABLE)."""
Engagement = tuple[int, tuple[Shield, ...], tuple[int, ...]]
"""How sure it is (TRUE or UNKNOWN), its shields, and the numbers of the duties that follow if it stands."""
Settled = tuple[int, int, tuple[int, ...]]
"""The best case, the worst case, and the duties that are due."""

_Hinge = tuple[int, frozenset[Shield]]  # what the fate of an engagement hangs on: 128 of them in all
_Fate = tuple[int, int, bool]  # best, worst, whether its duties are due
_Answer = TypeVar("_Answer")

_AT_ONCE: Final = 20  # engagements of one round; each is 8 facts at most
_log = logging.getLogger(__name__)
_fates: dict[_Hinge, _Fate] = {}


class _Standing:
    """Why durable-rules is not asked, if it is not."""

    fault = ""
    reference = False

    def why_not(self) -> str:
        return "as asked" if self.reference else self.fault


_standing = _Standing()


def settle(pattern: tuple[Engagement, ...]) -> tuple[Settled, ...]:
    """Best case, worst case and duties of each engagement, in their order (design.md, Verdicts)."""
    return _settle(pattern)


def closure(seeds: frozenset[str], edges: frozenset[tuple[str, str]]) -> frozenset[str]:
    """The seeds and whatever the edges lead to from them (design.md, Ownership; OFAC FAQ 401)."""
    names = sorted(seeds.union(*edges))
    number = {name: at for at, name in enumerate(names)}
    lines = frozenset((number[owner], number[held]) for owner, held in edges)
    # What is large is neither asked of durable-rules nor kept.
    follow = _closure if len(seeds) + len(edges) <= MOST_FACTS else _walk
    return frozenset(names[at] for at in follow(frozenset(number[seed] for seed in seeds), lines))


def at_work() -> str:
    """What settles in this process, in words for the doctor and the health page."""
    alone = frozenset({0})  # a round, so that what is wrong shows here first
    _derived(lambda rules: rules.closure(alone, ()), alone)
    why_not = _standing.why_not()
    return f"reference formula ({why_not})" if why_not else f"durable-rules {durable_settling.version()}"


def use_reference(flag: bool) -> None:
    """From now on the reference formula alone, or durable-rules again if it can; forgets what was kept."""
    _standing.reference = flag
    _fates.clear()
    _settle.cache_clear()
    _closure.cache_clear()


def fate(engaged: int, shields: frozenset[Shield]) -> _Fate:
    """The reference formula: best case, worst case, and whether the duties are due."""
    best = FREE if engaged == UNKNOWN else min((how for _, how in shields), default=STANDS)
    worst = min((how for sure, how in shields if sure == TRUE), default=STANDS)
    return best, worst, engaged == TRUE and worst == STANDS


@lru_cache(maxsize=16_384)
def _settle(pattern: tuple[Engagement, ...]) -> tuple[Settled, ...]:
    hinges = [_hinge(engagement) for engagement in pattern]
    new = [hinge for hinge in dict.fromkeys(hinges) if hinge not in _fates]
    settled = dict(_fates)  # not read again below: another thread may forget them
    for start in range(0, len(new), _AT_ONCE):
        some = new[start : start + _AT_ONCE]
        settled.update(zip(some, _settled_in_a_round(some), strict=True))
    _fates.update((hinge, settled[hinge]) for hinge in new)
    answer = []
    for hinge, (_, _, duties) in zip(hinges, pattern, strict=True):
        best, worst, due = settled[hinge]
        answer.append((best, worst, duties if due else ()))
    return tuple(answer)


def _hinge(engagement: Engagement) -> _Hinge:
    engaged, shields, _ = engagement
    for sure in (engaged, *(sure for sure, _ in shields)):
        if sure not in (TRUE, UNKNOWN):
            raise ValueError(f"an engagement or shield is TRUE or UNKNOWN, not `{sure}`: leave out FALSE")
    for _, how in shields:
        if how not in (LIMIT, AUTHORIZED, GRANTABLE):
            raise ValueError(f"a shield is a limit, authorized or grantable (0, 1, 2), not `{how}`")
    return engaged, frozenset(shields)


def _settled_in_a_round(hinges: Sequence[_Hinge]) -> list[_Fate]:
    def ask(rules: Rules) -> list[_Fate]:
        return [
            (STANDS if best is None else best, STANDS if worst is None else worst, due)
            for best, worst, due in rules.fates(hinges)
        ]

    return _derived(ask, [fate(*hinge) for hinge in hinges])


@lru_cache(maxsize=2_048)
def _closure(seeds: frozenset[int], edges: frozenset[tuple[int, int]]) -> frozenset[int]:
    return _derived(lambda rules: rules.closure(seeds, edges), _walk(seeds, edges))


def _walk(seeds: frozenset[int], edges: frozenset[tuple[int, int]]) -> frozenset[int]:
    ahead: dict[int, list[int]] = {}
    for owner, held in edges:
        ahead.setdefault(owner, []).append(held)
    reached, to_visit = set(seeds), list(seeds)
    while to_visit:
        new = [held for held in ahead.pop(to_visit.pop(), ()) if held not in reached]
        reached.update(new)
        to_visit += new
    return frozenset(reached)


def _derived(ask: Callable[[Rules], _Answer], by_formula: _Answer) -> _Answer:
    """What durable-rules answers; after a fault, or where it differs, what the formula says."""
    if _standing.why_not():
        return by_formula
    try:
        answer = ask(durable_settling.rules())
        if answer != by_formula:
            raise Unusable(f"it says {answer}, the formula {by_formula}")
    except ImportError as error:  # from Python 3.13 on, and where nothing could compile it
        _standing.fault = f"durable-rules cannot be imported: {error}"
    except BaseException as error:
        _standing.fault = f"durable-rules failed: {type(error).__name__}: {error}"
        _log.error("%s; the reference formula settles from here on", _standing.fault)
        if not isinstance(error, Exception):
            raise
    return by_formula
