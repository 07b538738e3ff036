"""Screening: which recorded subjects a stated name may be, how sure that is, and why; never silently none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from carveout.engine.parties.alphabets import latin_code
from carveout.engine.parties.anonymous import readable_part
from carveout.engine.parties.matching.evidence import Particulars, Shift, shifts
from carveout.engine.parties.matching.index import IS_WEAK, Index
from carveout.engine.parties.matching.lexicon import lexicon
from carveout.engine.parties.matching.matcher import Hit, find
from carveout.engine.parties.matching.model import model
from carveout.engine.parties.matching.names import PARTICLE, PLACE, TERM, WORD, Token
from carveout.engine.parties.names import LONGEST, clipped, words
from carveout.engine.parties.recorded import (
    THINGS,
    NameRecord,
    Record,
    codes_of,
    entries_of,
    name_key,
    painted,
    painted_on,
    particulars_of,
    values,
)
from carveout.engine.parties.trade_words import without_forms

__all__ = ["Candidate", "NameRecord", "Record", "Screener"]

_CACHED = 16_384
_LOOKED_AT = 70.0  # what is stated beside a name may lift its score from here to the threshold
_WEAK = 5.0
MOST_NEARBY = 10
"""No more than these are shown beside the candidates of a look-up."""
_PART_OF_IT, _SOMEWHAT, _AS_WRITTEN = 40.0, 65.0, 0.9
_AS_LONG = 97.0  # the best score of a name that is not the same
BESIDE_THE_SAME = 85.0  # what others need where one is the same
_RARE = 0.6  # a word of the names' own that says this much is no common one


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject that a stated name may be."""

    subject: str
    verdict: Literal["same", "possible", "near"]  # near: shown by a look-up, no candidate of any decision
    score: int  # 0..100; 100 only where a name or an identifier is the same
    reason: str
    words: tuple[tuple[str, str, float], ...] = ()  # words stated, words recorded, how like they are
    features: tuple[tuple[str, float], ...] = ()  # what each feature took away, or (with a plus) gave
    answered: str = ""  # the id of the answer of a person that makes it the same


class Screener:
    """Finds the candidates among a fixed set of records."""

    def __init__(
        self,
        records: Iterable[Record],
        common_words: Iterable[str] = (),
        *,
        index: Index | None = None,
        threshold: float | None = None,
    ) -> None:
        """`common_words` (names of countries, say) match nothing by themselves, as words of trade do.

        `index` is the stored index of these records, whose owners are their places in the sequence; then a record is
        looked at only when it is a candidate. Without it one is made. `threshold` is the score from which on a name is
        a candidate; the shipped one if it is left out.
        """
        self._records: Sequence[Record] = (
            records
            if isinstance(records, Sequence) and index is not None
            else tuple(sorted(records, key=lambda x: x.id))
        )
        self._common = frozenset(word for phrase in common_words for word in words(phrase))
        self._threshold = model().threshold if threshold is None else float(threshold)
        if not 50.0 <= self._threshold <= 100.0:
            raise ValueError(f"the threshold of names is from 50 to 100, not {threshold}")
        self.threshold = None if threshold is None else self._threshold
        """As set; none where it is the shipped one."""
        self._index = index if index is not None else _index_of(self._records)
        self._given = index
        self._remembered = lru_cache(maxsize=_CACHED)(self._screen)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _again, (self._records, tuple(sorted(self._common)), self._given, self._threshold)

    def screen(
        self,
        name: str,
        *,
        kind: str | None = None,
        countries: Sequence[str] = (),
        identifiers: Mapping[str, str | Sequence[str]] = {},
        birth_dates: Sequence[str] = (),
        addresses: Sequence[str] = (),
        aside: frozenset[str] = frozenset(),
    ) -> tuple[Candidate, ...]:
        """The candidates for a stated name, best first; `aside` are records that are passed over.

        What is stated beside the name may make a candidate surer or drop one that is merely possible. It makes less of
        one that is the same only where a person was born on another day; that one stays possible.
        """
        text, cut = clipped(name)
        codes = tuple(sorted((key, code) for key, each in identifiers.items() for code in values(each) if code))
        return self._remembered(
            text, cut, kind, tuple(sorted(set(countries))), codes, tuple(sorted(set(birth_dates))),
            tuple(sorted(set(addresses))), aside,
        )  # fmt: skip

    def _screen(
        self,
        text: str,
        cut: bool,
        kind: str | None,
        countries: tuple[str, ...],
        codes: tuple[tuple[str, str], ...],
        birth_dates: tuple[str, ...],
        addresses: tuple[str, ...],
        aside: frozenset[str],
    ) -> tuple[Candidate, ...]:
        numbers: dict[str, tuple[str, ...]] = {}
        for key, code in codes:
            numbers[key] = (*numbers.get(key, ()), code)
        stated = Particulars(birth_dates, countries, addresses, numbers)
        by_name = [*self._by_registration(text, kind), *self._by_name(text, kind, stated, aside)]
        if cut:
            why = f"only the first {LONGEST:,} letters of the name were read"
            by_name = [_less_sure(candidate, why) for candidate in by_name]
        if part := readable_part(text):
            # what is written beside it in a script read roughly would count against it, and may say the same once more
            why = f"only `{part[:120]}` was compared"
            by_name += [_less_sure(candidate, why) for candidate in self._by_name(part, kind, stated, aside)]
        best: dict[str, Candidate] = {}
        for candidate in [*self._by_code(codes, kind), *by_name]:
            known = best.get(candidate.subject)
            if candidate.subject in aside:
                continue
            if known is None or _rank(candidate) < _rank(known):
                best[candidate.subject] = candidate
        return tuple(sorted(best.values(), key=_rank))

    def nearby(self, name: str, kind: str | None = None) -> tuple[Candidate, ...]:
        """Whom a name is somewhat like, though not enough to be a candidate, best first; for people who look up.

        They may know a part of the name: who bears all that is stated, and more, is shown from a lower score on.
        """
        text, _ = clipped(name)
        found = []
        for hit in find(self._index, text, kind, least=_PART_OF_IT):
            record = self._records[hit.owner]
            whole = not any(hit.asked.tokens[i].kind < PARTICLE for i in hit.alignment.asked_left)
            surely = whole and min((pair.same for pair in hit.alignment.pairs), default=0.0) >= _AS_WRITTEN
            if not _comparable(kind, record.kind) or not (surely or hit.score >= _SOMEWHAT):
                continue
            recorded = self._index.texts[hit.number]
            reason = f"near the {_called(_strength(record, recorded), recorded)}: {_in_words(hit)}"
            score = round(min(hit.score, _AS_LONG))
            found.append(Candidate(record.id, "near", score, reason, hit.words, model().taken(hit.features)))
        return tuple(sorted(found, key=_rank)[:MOST_NEARBY])

    def _by_code(self, codes: tuple[tuple[str, str], ...], kind: str | None) -> Iterable[Candidate]:
        for key, value in codes:
            code = latin_code(value)
            for owner in self._index.of_code(f"{key}:{code}") if code else ():
                record = self._records[owner]
                same = any(latin_code(x) == code for x in values(record.identifiers.get(key)))
                if same and _comparable(kind, record.kind):
                    yield Candidate(record.id, "same", 100, f"identifier in common: {key} {code}")

    def _painted(self, code: str) -> Iterable[Record]:
        for owner in self._index.of_code(f"painted:{code}") if code else ():
            if code in painted_on(self._records[owner]):
                yield self._records[owner]

    def _by_registration(self, text: str, kind: str | None) -> Iterable[Candidate]:
        if kind is not None and kind not in THINGS:
            return
        for record in self._painted(painted(text)):
            yield Candidate(record.id, "same", 100, f"registration {latin_code(text)}")
        parts = text.replace("-", " ").split()[:_MOST_PARTS]
        for first in range(len(parts)):
            for last in range(first + 1, min(first + 3, len(parts)) + 1):
                written = " ".join(parts[first:last])
                for record in self._painted(painted(written)) if any(map(str.isdigit, written)) else ():
                    reason = f"registration {latin_code(written)} named within the name"
                    if kind in THINGS:
                        yield Candidate(record.id, "same", 99, reason)
                    else:
                        yield Candidate(record.id, "possible", 90, reason)

    def _by_name(self, text: str, kind: str | None, stated: Particulars, aside: frozenset[str]) -> Iterable[Candidate]:
        equal = [found for found in self._by_equal_name(text, kind, stated) if found.subject not in aside]
        yield from equal
        told = {candidate.subject for candidate in equal}
        # who is the same on one list may stand on another one under a name that is only like it
        same = {list_of(candidate.subject) for candidate in equal if candidate.verdict == "same"}
        for hit in find(self._index, text, kind, least=min(self._threshold, _LOOKED_AT), within=kind != "person"):
            record = self._records[hit.owner]
            if record.id in told or not _comparable(kind, record.kind):
                continue
            candidate = self._judged(text, hit, record, stated)
            beside = list_of(record.id) not in same
            if candidate and (beside or (candidate.score >= BESIDE_THE_SAME and _has_own(hit, self._common))):
                yield candidate

    def _by_equal_name(self, text: str, kind: str | None, stated: Particulars) -> Iterable[Candidate]:
        read = words(text)
        for spelling in dict.fromkeys((read, words(text, by_looks=True))):
            looks = "" if spelling == read else ", by the look of its letters"
            keys = {name_key(spelling, of) for of in ("person", "organisation")}
            for owner in sorted({x for key in keys for x in self._index.of_code(f"name:{' '.join(key)}")}):
                record = self._records[owner]
                if not _comparable(kind, record.kind):
                    continue
                for name in record.names:
                    if name_key(words(name.name), record.kind) in keys:
                        reason = f"same name as the {_called(name.kind, name.name)}{looks}"
                        yield self._equal(record, reason, name.kind == "weak" or bool(looks), stated)

    @staticmethod
    def _equal(record: Record, reason: str, unsure: bool, stated: Particulars) -> Candidate:
        beside = shifts(stated, particulars_of(record))
        reason += "".join(f"; {x.reason}" for x in beside)
        features = tuple(_shown(beside))
        if against := [x for x in beside if x.contradicts and record.kind == "person"]:
            return Candidate(record.id, "possible", round(100 * min(x.keeps for x in against)), reason, (), features)
        if unsure:
            return Candidate(record.id, "possible", 97, reason, (), features)
        return Candidate(record.id, "same", 100, reason, (), features)

    def _judged(self, text: str, hit: Hit, record: Record, stated: Particulars) -> Candidate | None:
        recorded = self._index.texts[hit.number]
        weak = bool(self._index.flags[hit.number] & IS_WEAK)
        score = hit.score
        if run_together := bool(_run_together(text) & _run_together(recorded)):
            score = max(score, 96.0)
        beside = shifts(stated, particulars_of(record))
        for shift in beside:
            score = shift.of(score)
        score = min(_AS_LONG, score - (_WEAK if weak else 0.0))
        if score < self._threshold or not (run_together or _has_own(hit, self._common) or _generic_whole(hit)):
            return None
        called = _called("weak" if weak else _strength(record, recorded), recorded)
        if run_together:
            reason = f"the {called} with its words split or joined otherwise"
        else:
            reason = f"near the {called}: {_in_words(hit)}"
        reason += "".join(f"; {x.reason}" for x in beside)
        features = (*model().taken(hit.features), *_shown(beside))
        return Candidate(record.id, "possible", round(score), reason, hit.words, features)


_MOST_PARTS = 60


def list_of(subject: str) -> str:
    """The list of an entry `LIST:NUMBER`; empty for a subject of the rule set."""
    return subject.partition(":")[0] if ":" in subject else ""


def _again(records: Sequence[Record], common: tuple[str, ...], index: Index | None, threshold: float) -> Screener:
    return Screener(records, common, index=index, threshold=threshold)


def _index_of(records: Sequence[Record]) -> Index:
    return Index.of(
        (entry for owner, record in enumerate(records) for entry in entries_of(owner, record)),
        (code for owner, record in enumerate(records) for code in codes_of(owner, record)),
    )


def _strength(record: Record, text: str) -> str:
    return "primary" if any(x.kind == "primary" and x.name == text for x in record.names) else "alias"


def _called(strength: str, text: str) -> str:
    kind = {"primary": "recorded name", "weak": "weak alias"}.get(strength, "alias")
    return f"{kind} `{clipped(text)[0][:120]}`"


def _run_together(text: str) -> frozenset[str]:
    """The letters of a name in their order, without its legal forms and with them."""
    return frozenset(("".join(without_forms(words(text))), "".join(words(text))))


def _has_own(hit: Hit, common: frozenset[str]) -> bool:
    """Whether a word of the names' own agrees, that is no common one."""
    for pair in hit.alignment.pairs:
        ours, theirs = [hit.asked.tokens[i] for i in pair.asked], [hit.listed.tokens[j] for j in pair.listed]
        if all(x.kind != WORD and not _rare_of_trade(x, ours) for x in theirs) or all(x.plain in common for x in ours):
            continue
        if all(x.plain in common for x in theirs):
            continue
        return True
    return False


def _rare_of_trade(listed: Token, ours: Sequence[Token]) -> bool:
    """Whether a word is of trade by how it begins alone, and rare: Oboronlogistika, said by the same word."""
    if listed.kind != TERM or listed.plain in lexicon().terms or lexicon().weight(listed.sound) < _RARE:
        return False
    return any(x.sound == listed.sound for x in ours)


def _generic_whole(hit: Hit) -> bool:
    """Whether a name of common words alone is said whole, or nearly: then it is its words together that say who."""
    listed = [x for x in hit.listed.tokens if x.kind < PARTICLE]
    left = [hit.asked.tokens[i] for i in hit.alignment.asked_left]
    return all(x.kind in (TERM, PLACE) for x in listed) and len(listed) >= 3 and not any(x.kind == WORD for x in left)


def _in_words(hit: Hit) -> str:
    pairs = [f"`{asked}`" + (f" for `{word}`" if word != asked else "") for asked, word, _ in hit.words[:6]]
    left = f"; not in it: {', '.join(f'`{word}`' for word in hit.left[:6])}" if hit.left else ""
    return ", ".join(pairs) + left


def _shown(beside: Iterable[Shift]) -> Iterable[tuple[str, float]]:
    for shift in beside:
        yield (f"+{shift.feature}", round(100 * shift.closes, 1)) if shift.closes else (
            shift.feature, round(100 * (1 - shift.keeps), 1),
        )  # fmt: skip


def _comparable(kind: str | None, recorded: str) -> bool:
    return kind is None or (kind in THINGS) == (recorded in THINGS)


def _less_sure(candidate: Candidate, why: str) -> Candidate:
    return replace(candidate, verdict="possible", score=min(candidate.score, 95), reason=f"{candidate.reason}; {why}")


def _rank(candidate: Candidate) -> tuple[bool, int, str, str]:
    return candidate.verdict != "same", -candidate.score, candidate.subject, candidate.reason
