"""What each type of interest counts as: ownership, control, or perhaps one of them.

The types are those of the Beneficial Ownership Data Standard (codelist interestType, 0.1 to 0.4). Ownership is holding
shares. Control for certain is what the standard itself calls a right that decides: more than half of the votes, the
right to appoint the board, control by the articles or by law. Whatever else may give control or be a kind of ownership
is neither counted as certain nor left out: it makes the answer open where it matters, and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from carveout.engine.parties.registers.statements import Interest

HALF: Final = Decimal(50)
SHARES: Final = "shareholding"
VOTES: Final = "votingRights"
_CONTROL = frozenset({"appointmentOfBoard", "controlViaCompanyRulesOrArticles", "controlByLegalFramework"})
_OFFICES = frozenset({"boardMember", "boardChair", "seniorManagingOfficial"})
"""Perhaps control, never ownership: who leads a company has no share in it by that."""
_PERHAPS = frozenset(
    {
        "otherInfluenceOrControl",
        "settlor",
        "trustee",
        "protector",
        "beneficiaryOfLegalArrangement",
        "nominee",
        "nominator",
        "rightsToSurplusAssetsOnDissolution",
        "rightsToProfitOrIncome",
        "rightsGrantedByContract",
        "conditionalRightsGrantedByContract",
        "enjoymentAndUseOfAssets",
        "rightToProfitOrIncomeFromAssets",
        "unknownInterest",
        "unpublishedInterest",
    }
)
KNOWN: Final = frozenset({SHARES, VOTES}) | _CONTROL | _OFFICES | _PERHAPS
_OLDER = {
    "settlorOfTrust": "settlor",
    "trusteeOfTrust": "trustee",
    "protectorOfTrust": "protector",
    "beneficiaryOfTrust": "beneficiaryOfLegalArrangement",
    "otherInfluenceOrControlOfTrust": "otherInfluenceOrControl",
    "influenceOrControl": "otherInfluenceOrControl",
}


def type_named(written: str) -> str:
    """The type in the spelling of version 0.4; older ones write it with hyphens. Empty: not stated."""
    joined = re.sub(r"[-_ ]+(.)", lambda found: found[1].upper(), written.strip())
    joined = joined[:1].lower() + joined[1:]
    return _OLDER.get(joined, joined)


def control_of(interest: Interest) -> bool | None:
    """Does the interest control? True: for certain; None: perhaps; False: no."""
    if interest.type == VOTES:
        return True if interest.low > HALF else None if interest.high > HALF else False
    if interest.type in _CONTROL:
        return True
    return False if interest.type == SHARES else None


def perhaps_owned(interests: Iterable[Interest]) -> bool:
    """May a holder without stated shares be an owner after all?"""
    return any(interest.type not in _CONTROL | _OFFICES for interest in interests)
