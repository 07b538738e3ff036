"""Screening: which recorded subjects a stated name may be, how sure that is, and why; never silently none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from carveout.engine.parties.alphabets import latin_code
from carveout.engine.parties.likeness import Lexicon, Likeness, score_of
from carveout.engine.parties.names import LONGEST, clipped, words
from carveout.engine.parties.recorded import (
    THINGS,
    NameRecord,
    Record,
    RecordedName,
    names_of,
    painted,
    painted_on,
)
from carveout.engine.parties.trade_words import without_forms

__all__ = ["Candidate", "NameRecord", "Record", "Screener"]

ENOUGH = 65
"""Below this score a likeness is chance."""

_CACHED = 16_384


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject that a stated name may be."""

    subject: str
    verdict: Literal["same", "possible"]
    score: int  # 0..100; 100 only where a name or an identifier is the same
    reason: str


class Screener:
    """Finds the candidates among a fixed set of records."""

    def __init__(self, records: Iterable[Record], common_words: Iterable[str] = ()) -> None:
        """`common_words` (names of countries, say) match nothing by themselves, as words of trade do."""
        self._records = tuple(records)
        self._common = tuple(sorted({word for phrase in common_words for word in words(phrase)}))
        self._kinds = {record.id: record.kind for record in self._records}
        self._codes: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
        self._painted: defaultdict[str, list[Record]] = defaultdict(list)
        for record in self._records:
            for key, value in record.identifiers.items():
                if code := latin_code(str(value)):
                    self._codes[key, code].append(record)
            for code in painted_on(record):
                self._painted[code].append(record)
        self._names = [name for record in self._records for name in names_of(record)]
        self._equal: defaultdict[str, list[RecordedName]] = defaultdict(list)
        self._run_together: defaultdict[str, list[RecordedName]] = defaultdict(list)
        for name in self._names:
            self._equal[_key(name.words, name.record.kind)].append(name)
            self._run_together["".join(name.words)].append(name)
        self._lexicon = Lexicon(((name.record.id, name.words) for name in self._names), self._common)
        self._remembered = lru_cache(maxsize=_CACHED)(self._screen)

    def __reduce__(self) -> tuple[type[Screener], tuple[tuple[Record, ...], tuple[str, ...]]]:
        return type(self), (self._records, self._common)

    def screen(
        self,
        name: str,
        *,
        kind: str | None = None,
        countries: Sequence[str] = (),
        identifiers: Mapping[str, str] = {},
    ) -> tuple[Candidate, ...]:
        """The candidates for a stated name, best first.

        What is stated beside the name may make a candidate surer or drop one that is merely possible; it
        never makes less of one that is the same.
        """
        text, cut = clipped(name)
        codes = sorted((key, latin_code(str(value))) for key, value in identifiers.items())
        return self._remembered(text, cut, kind, tuple(sorted(set(countries))), tuple(codes))

    def _screen(
        self,
        text: str,
        cut: bool,
        kind: str | None,
        countries: tuple[str, ...],
        codes: tuple[tuple[str, str], ...],
    ) -> tuple[Candidate, ...]:
        by_name = [
            *self._by_registration(text, kind),
            *self._by_equal_name(text),
            *self._by_near_name(text, kind, countries),
        ]
        if cut:
            why = f"only the first {LONGEST:,} letters of the name were read"
            by_name = [_less_sure(candidate, why) for candidate in by_name]
        best: dict[str, Candidate] = {}
        for candidate in [*self._by_code(codes), *by_name]:
            known = best.get(candidate.subject)
            if known is None or _rank(candidate) < _rank(known):
                best[candidate.subject] = candidate
        fitting = (found for found in best.values() if _comparable(kind, self._kinds[found.subject]))
        return tuple(sorted(fitting, key=_rank))

    def _by_code(self, codes: tuple[tuple[str, str], ...]) -> Iterable[Candidate]:
        for key, code in codes:
            for record in self._codes.get((key, code), ()):
                yield Candidate(record.id, "same", 100, f"identifier in common: {key} {code}")

    def _by_registration(self, text: str, kind: str | None) -> Iterable[Candidate]:
        if not self._painted:
            return
        for record in self._painted.get(painted(text), ()):
            yield Candidate(record.id, "same", 100, f"registration {latin_code(text)}")
        parts = text.replace("-", " ").split()
        for first in range(len(parts)):
            for last in range(first + 1, min(first + 3, len(parts)) + 1):
                written = " ".join(parts[first:last])
                for record in self._painted.get(painted(written), ()):
                    reason = f"registration {latin_code(written)} named within the name"
                    if kind in THINGS:
                        yield Candidate(record.id, "same", 99, reason)
                    else:
                        yield Candidate(record.id, "possible", 90, reason)

    def _by_equal_name(self, text: str) -> Iterable[Candidate]:
        read = words(text)
        for spelling in dict.fromkeys((read, words(text, by_looks=True))):
            looks = "" if spelling == read else ", by the look of its letters"
            for key in (_key(spelling, "person"), _key(spelling, "organisation")):
                for name in self._equal.get(key, ()):
                    reason = f"same name as the {name.in_words}{looks}"
                    if name.kind == "weak" or looks:
                        yield Candidate(name.record.id, "possible", 97, reason)
                    else:
                        yield Candidate(name.record.id, "same", 100, reason)
            for name in self._run_together.get("".join(without_forms(spelling)), ()):
                reason = f"the {name.in_words} with its words split or joined otherwise{looks}"
                yield Candidate(name.record.id, "possible", 96, reason)

    def _by_near_name(self, text: str, kind: str | None, countries: tuple[str, ...]) -> Iterable[Candidate]:
        for spelling in dict.fromkeys((words(text), words(text, by_looks=True))):
            for number, likeness in self._lexicon.near(without_forms(spelling)).items():
                name = self._names[number]
                score = score_of(
                    likeness,
                    len(name.words),
                    person=name.record.kind == "person",
                    strangers=_strangers(kind, name.record.kind),
                )
                score += _country_shift(countries, name.record) - (5 if name.kind == "weak" else 0)
                if score >= ENOUGH:
                    reason = f"near the {name.in_words}: {_in_words(likeness)}"
                    yield Candidate(name.record.id, "possible", min(98, round(score)), reason)


def _key(found: tuple[str, ...], kind: str) -> str:
    # People's names are written in either order; `AO` or `SA` may be part of them.
    return "person " + " ".join(sorted(found)) if kind == "person" else " ".join(without_forms(found))


def _in_words(likeness: Likeness) -> str:
    pairs = [f"`{asked}`" + (f" for `{word}`" if word != asked else "") for asked, word in likeness.pairs[:6]]
    left = f"; not in it: {', '.join(f'`{word}`' for word in likeness.left[:6])}" if likeness.left else ""
    return ", ".join(pairs) + left


def _country_shift(countries: tuple[str, ...], record: Record) -> int:
    known = record.facts.get("country", ())
    known = {known} if isinstance(known, str) else set(known or ())
    if not countries or not known:
        return 0
    return 3 if known & set(countries) else -10


def _comparable(kind: str | None, recorded: str) -> bool:
    return kind is None or (kind in THINGS) == (recorded in THINGS)


def _strangers(kind: str | None, recorded: str) -> bool:
    return kind is not None and (kind == "person") != (recorded == "person")


def _less_sure(candidate: Candidate, why: str) -> Candidate:
    return replace(candidate, verdict="possible", score=min(candidate.score, 95), reason=f"{candidate.reason}; {why}")


def _rank(candidate: Candidate) -> tuple[bool, int, str, str]:
    return candidate.verdict != "same", -candidate.score, candidate.subject, candidate.reason
