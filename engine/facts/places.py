"""Places by name: `Germany`, `Deutschland`, `DEU` and `UK` are read as codes, and what could be two is refused.

English names, formal names and three-letter codes are those of ISO 3166-1 (pycountry); names in other languages those
of the Unicode CLDR (babel). A name that any of these languages gives to two countries is read as neither.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

from carveout.engine.facts.blanks import is_blank

LANGUAGES = (
    "en", "bg", "cs", "da", "de", "el", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt", "nl", "pl",
    "pt", "ro", "sk", "sl", "sv", "be", "ru", "uk", "nb", "is", "tr", "sr", "mk", "bs", "sq", "ka", "hy", "az", "kk",
    "uz", "ky", "tg", "tk", "mn", "ar", "he", "fa", "ur", "hi", "zh", "zh_Hant", "ja", "ko", "vi", "th", "id",
)  # fmt: skip
"""Those of the EU, of its neighbours and of the United Nations, and of the places that goods pass through."""
ALIASES = {
    "uk": "GB", "great britain": "GB", "britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "united states of america": "US", "u s": "US", "u s a": "US", "u k": "GB",
    "u a e": "AE", "uae": "AE", "emirates": "AE", "dubai": "AE", "abu dhabi": "AE", "holland": "NL",
    "ivory coast": "CI", "burma": "MM", "swaziland": "SZ", "macedonia": "MK",
    "cape verde": "CV", "east timor": "TL", "turkey": "TR", "south korea": "KR", "rok": "KR", "north korea": "KP",
    "dprk": "KP", "drc": "CD", "dr congo": "CD", "congo kinshasa": "CD", "congo brazzaville": "CG",
    "belorussia": "BY", "byelorussia": "BY", "prc": "CN", "peoples republic of china": "CN", "roc": "TW",
    "ksa": "SA", "vatican": "VA", "russian fed": "RU", "federal republic of germany": "DE", "brd": "DE",
    "kyrgyz republic": "KG", "republic of ireland": "IE", "eire": "IE", "macau": "MO",
    "lao pdr": "LA", "p r china": "CN",
}  # fmt: skip
"""Common names that the two libraries do not have, as `_key` writes them."""
AMBIGUOUS = {
    "georgia": {"GE": "the country", "US": "the state of the United States"},
    "congo": {"CG": "Republic of the Congo, Brazzaville", "CD": "Democratic Republic of the Congo, Kinshasa"},
    "korea": {"KR": "Republic of Korea, south", "KP": "Democratic People's Republic of Korea, north"},
    "guiana": {"GF": "French Guiana", "GY": "Guyana"},
    "saint martin": {"MF": "the French part", "SX": "the Dutch part"},
    "st martin": {"MF": "the French part", "SX": "the Dutch part"},
    "virgin islands": {"VG": "British", "VI": "of the United States"},
    "america": {"US": "the United States"},
    "sahara": {"EH": "Western Sahara"},
}
"""Names that mean several places, or less than a place, with what each choice is."""

LAST_ACCENT = "\u036f"
"""Marks above this are letters of their scripts and no accents."""


class Place(str):
    """A code of a place that was stated by another name."""

    __slots__ = ("stated",)
    stated: str

    def __new__(cls, code: str, stated: str) -> Place:
        """The code, with the words that it was read from."""
        place = super().__new__(cls, code)
        place.stated = stated
        return place

    def __reduce__(self) -> tuple[type[Place], tuple[str, str]]:
        return type(self), (str(self), self.stated)


def read_place(text: str, places: Mapping[str, str]) -> str:
    """The code of a stated place, out of the codes with their titles. Raises ValueError with what to do."""
    for candidate in (text, text.upper(), text.lower()):
        if candidate in places:
            return candidate
    key = _key(text)
    known = [f"`{code}` ({title})" for code, title in AMBIGUOUS.get(key, {}).items() if code in places]
    if known:  # a rule set that holds none of them may have a place of that name
        raise ValueError(f"`{text[:80]}` does not say which place: write {' or '.join(known)}")
    titled = {code for code, title in places.items() if _key(title) == key}
    found = titled or (_codes_of(key) & places.keys() if key else set())
    if len(found) > 1:
        known = [f"`{code}` ({places[code]})" for code in sorted(found)]
        raise ValueError(f"`{text[:80]}` is the name of several places: write {' or '.join(known)}")
    if found:
        return Place(next(iter(found)), text)
    raise ValueError(f"unknown place `{text[:80]}`: {_hint(text, key, places)}")


def _hint(text: str, key: str, places: Mapping[str, str]) -> str:
    if is_blank(text):
        return "leave it out where it is not known"
    how = "write the code of the country as in ISO 3166-1, like `DE`, or its name, like Germany"
    names = {name: code for name, codes in _formal().items() for code in codes if code in places}
    names |= {name: code for name, code in ALIASES.items() if code in places}
    names |= {_key(title): code for code, title in places.items()}
    near = difflib.get_close_matches(key, names, n=3, cutoff=0.75) if len(key) > 3 else []
    meant = " or ".join(f"`{code}` ({places[code]})" for code in dict.fromkeys(names[name] for name in near))
    return f"did you mean {meant}?" if meant else how


@cache
def _codes_of(key: str) -> frozenset[str]:
    if code := ALIASES.get(key):
        return frozenset({code})
    return _formal().get(key, frozenset()) | _in_languages().get(key, frozenset())


@cache
def _formal() -> dict[str, frozenset[str]]:
    import pycountry

    return _gathered(
        (name, country.alpha_2)
        for country in pycountry.countries
        for field in ("alpha_3", "name", "official_name", "common_name")
        if (stated := getattr(country, field, None))
        for name in (stated, " ".join(reversed(stated.split(", "))))  # `Korea, Republic of` is the Republic of Korea
    )


@cache
def _in_languages() -> dict[str, frozenset[str]]:
    """Read when the first place is stated by a name that is not English: it takes as long as a hundred checks."""
    from babel import Locale

    return _gathered(
        (name, code) for language in LANGUAGES for code, name in Locale.parse(language).territories.items()
        if len(code) == 2
    )  # fmt: skip


def _gathered(pairs: Iterator[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, code in pairs:
        found.setdefault(_key(name), set()).add(code)
    return {key: frozenset(codes) for key, codes in found.items()}


def _key(name: str) -> str:
    """A name without case, accents, signs and article: `The Gambia` and `GAMBIA` are one."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("&", " and ").replace("'", "").replace("’", ""))
    kept = (c for c in plain if not unicodedata.combining(c) or c > LAST_ACCENT)
    spaced = "".join(" " if unicodedata.category(c)[0] in "CPSZ" else c for c in kept)
    return " ".join(unicodedata.normalize("NFC", spaced).split()).removeprefix("the ")
