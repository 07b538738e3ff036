"""The one ruleset of durable-rules, and the protocol under which it was found to answer rightly.

One ruleset and one session id for the life of the process, positive joins only, facts of few kinds with short
fixed keys, numbers and never a name, one lock, and every fact retracted at the end of its round. Why:
docs/decisions/0004-settling-with-durable-rules.md.
"""

import importlib.metadata
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from carveout.engine.law.truth import TRUE, UNKNOWN

MOST_FACTS = 200
"""The most facts of one round. What was soaked stays well below; whoever asks sees to it."""

Shields = Iterable[tuple[int, int]]
Fate = tuple[int | None, int | None, bool]
"""How an engagement is lifted in the best and in the worst case (None: not at all), and if duties are due."""
Fact = dict[str, Any]
Answer = TypeVar("Answer")

_SESSION = "0"
_BEST, _WORST = 0, 1
_LOCK = threading.Lock()  # without it about half of the runs with 8 threads crashed

_rules: "Rules | None" = None

# A fork waits for the end of the round: the child inherits a ruleset without facts, and a lock that is free.
if hasattr(os, "register_at_fork"):  # pragma: no branch
    os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)


class Unusable(RuntimeError):
    """A round did not end as it should; the ruleset is not to be asked again."""


def rules() -> "Rules":
    """The ruleset of this process; an ImportError where durable-rules cannot be imported."""
    global _rules
    with _LOCK:
        if _rules is None:
            _rules = Rules()
        return _rules


def version() -> str:
    """The installed version of durable-rules."""
    return importlib.metadata.version("durable_rules")


def _join(name: str, kind: str, *tests: Mapping[str, object]) -> dict[str, object]:
    """One fact of a rule: of that kind, and passing all the tests."""
    return {name: {"$and": [{"kind": kind}, *tests]}}


class Rules:
    """The rule program; one for a process, because the memory of a ruleset is never given back."""

    def __init__(self) -> None:
        from durable import engine

        engine._unix_now = time.time  # its own warns of deprecation at every action from Python 3.12 on
        self._forget()
        self._round = 0
        self._rules = engine.Ruleset("settling", None, self._program())

    def fates(self, engagements: Sequence[tuple[int, Shields]]) -> list[Fate]:
        """What becomes of each engagement, given as its truth and the truth and kind of each shield."""
        facts: list[Fact] = []
        for key, (truth, shields) in enumerate(engagements):
            facts.append({"kind": "engaged", "key": key, "truth": truth})
            facts.append({"kind": "duty", "key": key})
            # One up, because nought is "free", milder than any shield.
            facts += [{"kind": "shield", "key": key, "truth": sure, "how": how + 1} for sure, how in shields]

        def answer() -> list[Fate]:
            keys = range(len(engagements))
            best, worst = ([self._mildest(key, case) for key in keys] for case in (_BEST, _WORST))
            # Every defeat is a fact by now. What is left over stands: the one step that denies something, and
            # durable-rules is not asked to take it.
            left = [key for key in keys if engagements[key][0] == TRUE and worst[key] is None]
            self._tell([{"kind": "stands", "key": key} for key in left])
            return [(best[key], worst[key], key in self._due) for key in keys]

        return self._in_a_round(facts, answer)

    def closure(self, seeds: Iterable[int], edges: Iterable[tuple[int, int]]) -> frozenset[int]:
        """The seeds and whatever the edges lead to from them."""
        facts: list[Fact] = [{"kind": "reached", "party": party} for party in seeds]
        facts += [{"kind": "owns", "owner": owner, "held": held} for owner, held in edges]
        return self._in_a_round(facts, lambda: frozenset(self._reached))

    def _program(self) -> dict[str, object]:
        """Positive joins only: with `none(...)` the answer depends on the order in which facts arrive.

        The names of the facts are free, but for `s` and `m`, which durable-rules takes for itself.
        """
        engaged = {"e": {"kind": "engaged"}}
        same, milder = ({"key": {"a": "key"}}, {"case": {"a": "case"}}), {"$gt": {"how": {"a": "how"}}}
        return {
            "a sure shield lifts in the worst case": {
                "all": [engaged, _join("by", "shield", {"key": {"e": "key"}}, {"truth": TRUE})],
                "run": lambda c: self._lift(c, c.e.key, _WORST, c.by.how),
            },
            "any shield lifts in the best case": {
                "all": [engaged, _join("by", "shield", {"key": {"e": "key"}})],
                "run": lambda c: self._lift(c, c.e.key, _BEST, c.by.how),
            },
            "a doubtful engagement is free in the best case": {
                "all": [_join("e", "engaged", {"truth": UNKNOWN})],
                "run": lambda c: self._lift(c, c.e.key, _BEST, 0),
            },
            "a milder lifting outdoes a harsher one": {
                "all": [{"a": {"kind": "lifted"}}, _join("b", "lifted", *same, milder)],
                "run": lambda c: self._outdone.add((c.b.key, c.b.case, c.b.how)),
            },
            "what surely stands brings its duties": {
                "all": [{"e": {"kind": "stands"}}, _join("d", "duty", {"key": {"e": "key"}})],
                "run": lambda c: self._due.add(c.d.key),
            },
            "what a reached party owns is reached": {
                "all": [{"r": {"kind": "reached"}}, _join("o", "owns", {"owner": {"r": "party"}})],
                "run": lambda c: self._reach(c, c.o.held),
            },
        }

    def _lift(self, c: Any, key: int, case: int, how: int) -> None:
        if how not in self._lifted.setdefault((key, case), set()):
            self._lifted[key, case].add(how)
            self._derive(c, {"kind": "lifted", "key": key, "case": case, "how": how})

    def _reach(self, c: Any, party: int) -> None:
        if party not in self._reached:
            self._reached.add(party)
            self._derive(c, {"kind": "reached", "party": party})

    def _derive(self, c: Any, fact: Fact) -> None:
        self._facts.append(self._named(fact))
        c.assert_fact(self._facts[-1])

    def _mildest(self, key: int, case: int) -> int | None:
        left = [how for how in self._lifted.get((key, case), ()) if (key, case, how) not in self._outdone]
        if len(left) > 1:
            raise Unusable("of two liftings neither outdid the other")
        return left[0] - 1 if left else None

    def _named(self, fact: Fact) -> Fact:
        return {"id": f"{self._round}-{len(self._facts)}", "sid": _SESSION, **fact}

    def _tell(self, facts: list[Fact]) -> None:
        """Asserts the facts and runs what follows from them."""
        if not facts:
            return
        start = len(self._facts)
        for fact in facts:
            self._facts.append(self._named(fact))
        self._rules.do_actions(self._rules.assert_facts(self._facts[start:]), _raise)
        # An error in an action is not raised: it is put into the state, under this key.
        if error := self._rules.get_state(_SESSION).get("exception"):
            raise Unusable(str(error))

    def _in_a_round(self, facts: list[Fact], answer: Callable[[], Answer]) -> Answer:
        with _LOCK:
            if self._facts:
                raise Unusable("an earlier round broke off")
            self._round += 1
            self._reached.update(fact["party"] for fact in facts if fact["kind"] == "reached")
            self._tell(facts)
            answered = answer()
            for fact in self._facts:
                self._rules.retract_fact(fact)
            if self._rules.get_facts(_SESSION):
                raise Unusable("facts were left over")
            self._forget()
            return answered

    def _forget(self) -> None:
        self._facts: list[Fact] = []
        self._lifted: dict[tuple[int, int], set[int]] = {}
        self._outdone: set[tuple[int, int, int]] = set()
        self._due: set[int] = set()
        self._reached: set[int] = set()


def _raise(error: object, _state: object) -> None:
    if error:
        raise error if isinstance(error, BaseException) else Unusable(str(error))
