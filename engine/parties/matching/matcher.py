"""Listed parties that a stated name may be, with a score that says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from carveout.engine.parties.matching.aligning import Alignment, align
from carveout.engine.parties.matching.features import features
from carveout.engine.parties.matching.finding import FEW, LIKELY, MOST, nearest
from carveout.engine.parties.matching.index import Index
from carveout.engine.parties.matching.model import Model, model
from carveout.engine.parties.matching.names import FORM, PARTICLE, PLACE, TERM, WORD, Name, Token, analyse, analyse_bare
from carveout.engine.parties.matching.sameness import sameness

_WITHIN = 95.0
"""The best score of a name that is said within a longer text."""

_SURNAME = 80.0
"""The score of a person's rare family name where nothing else is stated."""

_SHORT_FOR = 84.0
"""The score of a firm that is called by its own rare words alone."""

_RARE_FIRM = 0.9
_RARE, _SURE, _FEW_BEARERS = 0.75, 0.97, 40
_SOME_ALSO_GIVEN = frozenset(["junior", "senior", "jr", "sr", "the", "his", "her"])  # Junior Herrera has a name
_ONE_WORD = 0.995
_NEAR, _TELLS, _LONG = 0.82, 0.7, 5


class Hit(NamedTuple):
    """A listed name that the stated one may be."""

    owner: int
    number: int  # of the listed name
    score: float
    asked: Name
    listed: Name
    alignment: Alignment
    features: list[float]

    @property
    def words(self) -> tuple[tuple[str, str, float], ...]:
        """Which words were taken for each other, and how like they are."""
        return tuple(
            (
                " ".join(self.asked.tokens[i].plain for i in pair.asked),
                " ".join(self.listed.tokens[j].plain for j in pair.listed),
                round(pair.same, 2),
            )
            for pair in sorted(self.alignment.pairs, key=lambda x: x.asked)
        )

    @property
    def left(self) -> tuple[str, ...]:
        """Words of the stated name that stand for none of the listed one."""
        return tuple(self.asked.tokens[i].plain for i in self.alignment.asked_left)

    @property
    def exact(self) -> bool:
        """Whether every word stands for the same word, and none is left over but forms and titles."""
        left = [self.asked.tokens[i] for i in self.alignment.asked_left]
        left += [self.listed.tokens[j] for j in self.alignment.listed_left]
        return all(pair.same > _ONE_WORD for pair in self.alignment.pairs) and all(x.kind > PARTICLE for x in left)


def readings(text: str, kind: str | None) -> list[Name]:
    """A name as it is spelled and, where that differs, as it looks, and as one whose vowels were left out."""
    found = [analyse(text, kind)]
    if not text.isascii() and (looks := analyse(text, kind, by_looks=True)) != found[0]:
        found.append(looks)
    if bare := analyse_bare(text, kind):
        found.append(bare)
    return found


def compare(asked: str, listed: str, kind: str | None = None, judge: Model | None = None) -> Hit:
    """Two names beside each other, without a list."""
    judge = judge or model()
    name = analyse(listed, kind)
    return max((_hit(reading, name, 0, 0, judge, sameness) for reading in readings(asked, kind)), key=lambda x: x.score)


def find(
    index: Index,
    text: str,
    kind: str | None = None,
    *,
    least: float = 0.0,
    within: bool = False,
    judge: Model | None = None,
) -> list[Hit]:
    """The listed names that a stated one may be, the best of each owner, best first.

    `least` leaves out lower scores. `within` also finds names that are said whole within a longer text; their score is
    that of the part which says them, less for what else is said.
    """
    judge = judge or model()
    best: dict[int, Hit] = {}
    for asked in readings(text, kind):
        same = _remembered()
        seen: set[tuple[int, tuple[Token, ...]]] = set()
        for number in nearest(index, asked, MOST if least < LIKELY else FEW, least=least, within=within):
            owner, listed = int(index.owners[number]), index.name(number)
            if (owner, listed.tokens) in seen:
                continue
            seen.add((owner, listed.tokens))
            hit = _hit(asked, listed, owner, number, judge, same)
            if within and hit.score < _WITHIN:
                hit = _within(hit, judge, same)
            if hit.score < _SURNAME and _is_rare_surname(index, hit):
                hit = hit._replace(score=_SURNAME)
            if hit.score < _SHORT_FOR and _is_short_for(index, hit):
                hit = hit._replace(score=_SHORT_FOR)
            known = best.get(hit.owner)
            if hit.score >= least and (known is None or hit.score > known.score):
                best[hit.owner] = hit
    return sorted(best.values(), key=lambda x: (-x.score, x.owner))


def _within(hit: Hit, judge: Model, same: Callable[[Token, Token], float]) -> Hit:
    """The hit, or if it is better the same with what the listed name says alone."""
    ours, theirs = hit.asked.tokens, hit.listed.tokens
    used = {i for pair in hit.alignment.pairs for i in pair.asked}
    if len(used) == len(ours) or not _says_who(hit):
        return hit
    part = Name(tuple(x for i, x in enumerate(ours) if i in used), hit.asked.person)
    found = _hit(part, hit.listed, hit.owner, hit.number, judge, same)
    if any(theirs[j].kind < PARTICLE for j in found.alignment.listed_left):
        return hit
    score = found.score * _WITHIN / 100
    return hit._replace(score=score, features=found.features) if score > hit.score else hit


def _is_rare_surname(index: Index, hit: Hit) -> bool:
    """Whether all that is stated, but for titles, is one rare word of a person's name: President Lukashenko."""
    own = [x for x in hit.asked.tokens if x.kind < PARTICLE]
    if not hit.listed.person or len(own) != 1 or own[0].kind != WORD or hit.alignment.asked_left != _only_titles(hit):
        return False
    if any(x.plain in _SOME_ALSO_GIVEN for x in hit.asked.tokens):
        return False
    word = own[0]
    if len(word.plain) < _LONG or word.weight < _RARE or hit.alignment.pairs[0].same < _SURE:
        return False
    return index.bearers(hit.listed.tokens[hit.alignment.pairs[0].listed[0]]) <= _FEW_BEARERS


def _is_short_for(index: Index, hit: Hit) -> bool:
    """Whether a firm is called by its own rare words alone: Belavia, for Belavia Belarusian Airlines."""
    own = [i for i, x in enumerate(hit.asked.tokens) if x.kind < PARTICLE]
    if hit.asked.person or hit.listed.person or not own or set(own) & set(hit.alignment.asked_left):
        return False
    if any(hit.listed.tokens[j].kind not in (TERM, PLACE, PARTICLE, FORM) for j in hit.alignment.listed_left):
        return False
    told = [pair for pair in hit.alignment.pairs if set(pair.asked) & set(own)]
    words = [hit.listed.tokens[j] for pair in told for j in pair.listed if hit.listed.tokens[j].kind == WORD]
    if any(pair.same < _SURE for pair in told) or sum(x.weight for x in words) < _RARE_FIRM:
        return False
    return max(len(x.plain) for x in words) >= _LONG and min(map(index.bearers, words)) <= _FEW_BEARERS


def _only_titles(hit: Hit) -> tuple[int, ...]:
    return tuple(i for i in hit.alignment.asked_left if hit.asked.tokens[i].kind >= PARTICLE)


def _says_who(hit: Hit) -> bool:
    """Whether words that are rare enough, and long enough to be no accident, stand for each other nearly as written."""
    told = 0.0
    longest = 0
    for pair in hit.alignment.pairs:
        if pair.same < _NEAR or len(pair.asked) > 1:  # words that only together are one may stand there by chance
            continue
        for j in pair.listed:
            word = hit.listed.tokens[j]
            if word.kind == WORD:
                told += word.weight
                longest = max(longest, len(word.plain))
    return told >= _TELLS and longest >= _LONG


def _hit(
    asked: Name, listed: Name, owner: int, number: int, judge: Model, same: Callable[[Token, Token], float]
) -> Hit:
    alignment = align(asked, listed, same)
    found = features(asked, listed, alignment)
    return Hit(owner, number, judge.score(found), asked, listed, alignment, found)


def _remembered() -> Callable[[Token, Token], float]:
    known: dict[tuple[int, int], float] = {}
    # The tokens live as long as the names that hold them, so that their ids are theirs alone.

    def same(asked: Token, listed: Token) -> float:
        key = id(asked), id(listed)
        found = known.get(key)
        if found is None:
            found = known[key] = sameness(asked, listed)
        return found

    return same
