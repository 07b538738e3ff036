"""Names that say nobody: where they find nobody recorded, that is no answer, and who is meant must be asked."""

from __future__ import annotations

import unicodedata

from carveout.engine.facts.blanks import FIRST_UNREAD, OVERRIDES, is_written
from carveout.engine.parties.matching.letters import words_of
from carveout.engine.parties.matching.lexicon import SILENT, TITLES, lexicon, whole
from carveout.engine.parties.matching.names import without_forms

UNWRITTEN = "no letter of a name is in it: ask for the name"
TURNED = "a mark in it turns letters around, so that it is read otherwise than shown: write the name anew"
TOO_LITTLE = "figures, titles and legal forms alone name nobody: ask for the name"
TOO_ROUGH = (
    "its script is read too roughly to say that it is nobody recorded: state the name in Latin letters, or a number"
)


def says_nobody(name: str) -> str:
    """Why a name does not say who is meant, where nobody recorded is the same; empty if it does.

    In a script of which words are read roughly (from Armenian on) a listed party is found if it is recorded so, and
    mostly if not: mostly is not enough to say that somebody is nobody recorded. A name in letters beside it is.
    """
    if not is_written(name):
        return TURNED if OVERRIDES.intersection(name) else UNWRITTEN
    seen = unicodedata.normalize("NFKC", name)
    read = "".join(x for x in seen if ord(x) < FIRST_UNREAD or unicodedata.category(x)[0] not in "LMN")
    known = lexicon()
    rest, _ = without_forms(words_of(read))
    words = [x.plain for x in rest if x.plain not in TITLES and (x.plain,) not in known.forms]
    if read != seen:
        words = [x for x in words if x not in SILENT and not known.group(whole(x)) and (x,) not in known.places]
    if any(any(map(str.isalpha, x)) for x in words):
        return ""
    return TOO_ROUGH if any(x.isalpha() for x in seen if x not in read) else TOO_LITTLE
