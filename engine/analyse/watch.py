"""The watch: what is kept in the portfolio is asked again when the law, the lists, owners, answers or the day change.

An answer that becomes another is stored with an alert, in one write, on the condition that it follows the very answer
it was compared with, that no other rule set was put in force meanwhile, and that nobody else has taken the turn. So a
watch that is killed at any moment neither loses an alert nor raises one twice: the next one compares with the last
answer that is stored. A round is entered when it is whole, and until then it is done again.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import exists, func, literal, select

from carveout.engine import __version__
from carveout.engine.analyse.calendar import calendar_of
from carveout.engine.analyse.telling import ask, changed, norms_in
from carveout.engine.decide.decision import Engine
from carveout.engine.law.clocks import FOREVER
from carveout.engine.law.norms import Exemption
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.records import schema
from carveout.engine.records.adjudications import mark
from carveout.engine.records.alerts import Alerts, Raised
from carveout.engine.records.canonical import canonical_json
from carveout.engine.records.chain import Entry
from carveout.engine.records.changes import Activation, Changes, since
from carveout.engine.records.hooks import Hooks
from carveout.engine.records.ids import later, new_id, now
from carveout.engine.records.making import Maker
from carveout.engine.records.portfolios import KEPT, Answer, Held, Last, Portfolios, is_open
from carveout.engine.records.proposals import only_if_all
from carveout.engine.records.store import SYSTEM, Store
from carveout.engine.records.turns import Turn
from carveout.engine.records.writes import Write, Written

MOST_CAUSES = 20
SKEW_SECONDS = 60
"""By so much the clocks of two machines may differ."""
State = Mapping[str, Any]


class Overtaken(Exception):
    """Something changed under a round: it is done again under what is in force now."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round that was made: as of when (seconds of UTC), of how many entries, and how many answers are others."""

    moment: int
    entries: int
    changed: int


@dataclass(frozen=True, slots=True)
class Asking:
    """What answers are given with; `guard`: the condition that it is the law in force."""

    engine: Engine
    moment: int
    state: State
    guard: Any


class Watch:
    """Watches the portfolio of one store. `engine` gives an engine that is in step with all that is kept."""

    def __init__(self, store: Store, engine: Callable[[], Engine]) -> None:
        self.store, self._engine = store, engine
        self.portfolios, self.alerts, self.turn = Portfolios(store), Alerts(store), Turn(store, "watch")
        self._looking = threading.Lock()

    def look(self, moment: int | None = None, ended: Callable[[], bool] = lambda: False) -> Round | None:
        """Ask about everything again if something changed since it was; None: nothing did, or it is another's turn.

        `moment`: seconds of UTC; left out, now. `ended`: asked now and then whether to stop. Raises StoreFault,
        Overtaken.
        """
        with self._looking:
            if not self.portfolios.count():
                return None
            answers = mark(self.store)  # before the engine takes them up: what comes between is seen the next time
            engine = self._engine().pinned()
            moment = int(datetime.now(UTC).timestamp()) if moment is None else moment
            standing = standing_now(self.store)
            self._in_force(engine, standing)
            state = state_of(engine, moment, standing, answers)
            if self._done(state) or not self.turn.take() or self._done(state):
                return None
            return self._round(engine, moment, state, standing, ended)

    def asking(self, engine: Engine, moment: int | None = None) -> Asking:
        """What first answers are given with from now on. Raises Overtaken, StoreFault."""
        moment = int(datetime.now(UTC).timestamp()) if moment is None else moment
        answers, standing = mark(self.store), standing_now(self.store)
        self._in_force(engine, standing)
        return Asking(engine, moment, state_of(engine, moment, standing, answers), standing_is(standing))

    def first(self, asking: Asking, stated: Any, person: str) -> Answer:
        """The first answer about what is to be kept, on the condition `asking.guard`."""
        return self._answer(asking.engine, stated, asking.moment, asking.state, person)

    def _round(
        self, engine: Engine, moment: int, state: State, standing: Activation | None, ended: Callable[[], bool]
    ) -> Round:
        entries, flips, begun = 0, 0, (now(), self.store.journal.begin().n)
        text = canonical_json(state)
        hooks = [hook.id for hook in Hooks(self.store).all()]
        for page in self.portfolios.pages():
            if ended() or not self.turn.take():
                raise Overtaken("another process has taken the turn, or it is to end")
            stated = self.portfolios.stated(held for held, _ in page)
            waiting: list[tuple[Held, Future[Written]]] = []
            for held, last in page:
                entries += 1
                if canonical_json(last.state) == text:
                    continue
                found = self._again(engine, held, last, stated[held.id], moment, state, standing, hooks)
                if found is not None:
                    waiting.append((held, found))
            for held, future in waiting:
                if not future.result().refused:
                    flips += 1
                elif self.portfolios.open_of(held.reference) == held:
                    raise Overtaken("something else was put in force, or somebody else watches")
        self._entered(begun, moment, text.decode(), entries, flips, standing)
        return Round(moment, entries, flips)

    def _again(
        self, engine: Engine, held: Held, last: Last, stated: Any, moment: int, state: State,
        standing: Activation | None, hooks: Sequence[str],
    ) -> Future[Written] | None:  # fmt: skip
        answer = self._answer(engine, stated, moment, state, SYSTEM, last)
        other = changed(last.told, answer.told)
        if other is None:
            return None
        way, what = other
        raised = Raised(way, what, self._causes(engine.rules, last, answer, moment))
        guard = standing_is(standing) & self.turn.held()
        return self.alerts.keep(held, last, answer, raised, guard, hooks)

    def _answer(
        self, engine: Engine, stated: Any, moment: int, state: State, person: str, last: Last | None = None
    ) -> Answer:
        asked = ask(engine, stated, moment)
        if asked.decision is None or (last is not None and changed(last.told, asked.told) is None):
            return Answer(moment, state, asked.told, None)
        maker = Maker(engine.rules, self.store.keep_rules(engine.rules), person)
        return Answer(moment, state, asked.told, maker.made(asked.stated, asked.decision))

    def _in_force(self, engine: Engine, standing: Activation | None) -> None:
        """Nothing is decided under another rule set than the one in force. Raises Overtaken."""
        if standing is not None and self.store.keep_rules(engine.rules) != standing.version:
            raise Overtaken("the rule set in force is not taken up yet")

    def _done(self, state: State) -> bool:
        """Was the last round made with just this, and everything kept since as well?"""
        table, text = schema.rounds, canonical_json(state).decode()
        query = select(table.c.state, table.c.time, table.c.after).order_by(table.c.id.desc()).limit(1)
        with self.store.database.reading() as connection:
            row = connection.execute(query).first()
            if row is None or row.state != text:
                return False
            held, answers = schema.portfolio, schema.portfolio_answers
            chain = schema.audit.c
            first = answers.c.seq == 1, answers.c.state != text, held.c.time >= later(row.time, -SKEW_SECONDS)
            since_then = exists().where(chain.of == held.c.id, chain.kind == KEPT, chain.n > row.after)
            fresh = select(held.c.id).join(answers, answers.c.entry == held.c.id).where(*first, since_then, is_open())
            return connection.execute(fresh.limit(1)).first() is None

    def _entered(
        self, begun: tuple[str, int], moment: int, state: str, entries: int, flips: int, standing: Activation | None
    ) -> None:
        """Enter a round, and when it began: what was kept since then may have been asked with something else."""
        id = new_id()
        values = {
            "id": id, "time": begun[0], "moment": moment, "after": begun[1], "state": state, "entries": entries,
            "changed": flips,
        }  # fmt: skip
        guard = only_if_all(schema.rounds, values, standing_is(standing), self.turn.held())
        entry = Entry("watched", id, SYSTEM, {"changed": flips, "entries": entries})
        if self.store.journal.write(Write(entries=[entry], only_if=guard)).refused:
            raise Overtaken("something else was put in force, or somebody else watches")

    def _causes(self, rules: RuleSet, last: Last, answer: Answer, moment: int) -> list[dict[str, Any]]:
        """Why an answer may be another: what it was asked with that is another, and what passed since."""
        old, new, found = last.state, answer.state, []
        if old.get("rules") != new.get("rules"):
            found.append({"what": "rules", "of": new.get("activation"), "title": self._title(new.get("activation"))})
        for what in ("lists", "owners", "answers", "threshold", "engine", "format"):
            if old.get(what) != new.get(what):
                found.append({"what": what, "of": new.get(what), "title": TITLES[what]})
        passed = calendar_of(rules, last.moment + 1, moment + 1) if moment > last.moment else []
        named = norms_in(last.told, answer.told)
        passed.sort(key=lambda one: (one.of not in named, one.at))
        found += [one.data() for one in passed[:MOST_CAUSES]]
        return found or [{"what": "time", "of": None, "title": "Time passed"}]

    def _title(self, activation: str | None) -> str:
        act, held = schema.activations, schema.proposals
        query = select(held.c.title).join(act, act.c.proposal == held.c.id).where(act.c.id == activation)
        with self.store.database.reading() as connection:
            return str(connection.execute(query).scalar() or "The rules that are asked")


TITLES = {
    "lists": "The official lists", "owners": "The ownership register", "answers": "Answers to who somebody is",
    "threshold": "From which score on a name is a candidate", "engine": "The version of carveout",
    "format": "The format of decisions",
}  # fmt: skip


def state_of(engine: Engine, moment: int, standing: Activation | None, answers: Iterable[int | None]) -> State:
    """What answers hang on: equal states, equal answers. The day is in it for what is known by days (shares, ages)."""
    edges = edges_of(engine.rules)
    place = bisect_right(edges, moment)
    return {
        **engine.answer.made_with, "engine": __version__, "answers": list(answers),
        "activation": standing.id if standing else None, "boundary": edges[place - 1] if place else None,
        "day": datetime.fromtimestamp(moment, UTC).date().isoformat(),
    }  # fmt: skip


@lru_cache(maxsize=4)
def edges_of(rules: RuleSet) -> Sequence[int]:
    """The moments at which some norm begins, ends, or changes otherwise, in their order."""
    found: set[int] = set()
    for norm in rules.norms.values():
        found.update(norm.effective.edges())
        for question in norm.unresolved:
            found.update((*question.begins[:2], *question.ends[:2]))
        if isinstance(norm, Exemption):
            found.add(norm.stale_from)
    return sorted(edge for edge in found if -FOREVER < edge < FOREVER)


def standing_now(store: Store) -> Activation | None:
    """The activation that makes the law of now; None: the rules of the folder are it."""
    time = now()
    found = since(Changes(store).schedule(), time)
    return found[0] if found and found[0].at <= time else None


def standing_is(standing: Activation | None) -> Any:
    """The condition that it is still that one."""
    act, gone = schema.activations, schema.withdrawals
    newest = (
        select(act.c.id)
        .where(act.c.at <= literal(now()), ~exists().where(gone.c.proposal == act.c.proposal))
        .order_by(act.c.at.desc(), act.c.time.desc(), act.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(newest, "") == (standing.id if standing else "")
