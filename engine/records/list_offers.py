"""Lists that are not believed, once people are entered: kept as they came, in force when a second person confirms them.

The files lie beside the snapshots under the digests of their bytes; what is said of them is a proposal of the kind
`list`, which the triggers of the store hold to two persons (docs/decisions/0022).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import Any

from carveout.engine.parties.snapshots.model import Original, SnapshotsError
from carveout.engine.parties.snapshots.originals import keep, opened
from carveout.engine.parties.snapshots.plausibility import Implausible
from carveout.engine.parties.snapshots.publications import Publications
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.taking import LONGEST, Offer, Taken, take
from carveout.engine.records.canonical import canonical_json
from carveout.engine.records.people import People, Role
from carveout.engine.records.proposals import LONGEST_REASON, ChangeFault, Proposal, Proposals, Step
from carveout.engine.records.store import Store
from carveout.engine.records.writes import Content

LIST = "list"
"""Kind of the proposal to take a list that is not believed."""
WAITING, CONFIRMED, TAKEN, DECLINED = "waiting", "confirmed", "taken", "declined"


@dataclass(frozen=True, slots=True)
class ListOffer:
    """A list that somebody offered and that was not believed, with what became of it."""

    proposal: Proposal
    about: Mapping[str, Any]
    """What is confirmed: publication, day, files with their digests, counts, doubts, as JSON data."""
    state: str
    """waiting, confirmed (and not taken yet, since that was interrupted), taken, declined."""
    confirmed: Step | None
    declined: Step | None
    snapshot: str | None
    """The key of the snapshot that it is, once it is taken."""

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        p = self.proposal
        return {
            "id": p.id, "state": self.state, "reason": p.reason, "content": p.content, **self.about,
            "offered": {"person": p.person, "time": p.time},
            "confirmed": asdict(self.confirmed) if self.confirmed else None,
            "declined": asdict(self.declined) if self.declined else None,
            "snapshot": self.snapshot,
        }  # fmt: skip


class ListOffers:
    """The offered lists of one store. Everything raises ChangeFault, StoreFault, SnapshotsError."""

    def __init__(self, store: Store, snapshots: Snapshots, known: Publications) -> None:
        self.proposals = Proposals(store)
        self._store, self._snapshots, self._known = store, snapshots, known

    def receive(self, offer: Offer, person: str) -> Taken | ListOffer:
        """Take a list; one that is not believed waits for a second person, where people are entered.

        Where nobody is, `offer.confirmed` is enough. Raises Implausible, which then is without it; ListRefused.
        """
        if not People(self._store).anybody():
            return take(self._snapshots, self._known, offer)
        try:
            return take(self._snapshots, self._known, replace(offer, confirmed="", accepted=None))
        except Implausible as error:
            return self._kept(offer, error, person)

    def confirm(self, id: str, person: str) -> tuple[ListOffer, Taken]:
        """Confirm a list as a second person with the role approver: it is taken, and in force from now on.

        What is doubted of it now must have been doubted when it was offered. Where the taking was interrupted after the
        confirmation, whoever may confirm finishes it.
        """
        found = self.get(id)
        if found.proposal.person == person:
            raise ChangeFault(
                "own-proposal", "who offered it may not confirm: ask somebody else with the role approver"
            )
        self.proposals.entered(person, Role.APPROVER)
        if found.state == DECLINED:
            raise ChangeFault("withdrawn", "it was declined: offer it again")
        if found.state == TAKEN:
            raise ChangeFault("approved-already", "it is confirmed and taken already")
        second = found.confirmed.person if found.confirmed else person
        reason = (
            f"{found.proposal.reason or 'no reason was given'} (offer {id} of {found.proposal.person}, confirmed by"
        )
        allowed = False

        def allow() -> None:
            nonlocal allowed
            if found.confirmed is None:
                self.proposals.approve(id, person)
            allowed = True

        with tempfile.TemporaryDirectory(prefix="carveout-offer-") as folder:
            offer = self._offered(found.about, Path(folder), f"{reason} {second})")
            try:
                taken = take(self._snapshots, self._known, offer, allow=allow)
            except Implausible as error:
                raise ChangeFault(
                    "changed-meanwhile", "what is held is another than when it was offered, so that more speaks against"
                    f" it now: {error}. Look at it, decline this one and offer it again",
                ) from None  # fmt: skip
        if not allowed:
            raise ChangeFault(
                "approved-already", f"it is held already, as {taken.snapshot.key}: nothing is to be taken"
            )
        return self.get(id), taken

    def decline(self, id: str, person: str, reason: str = "") -> ListOffer:
        """Have a list stay out. Whoever offered it may, and whoever confirms."""
        self._proposal(id)
        self.proposals.withdraw(id, person, reason, Role.ANALYST)
        return self.get(id)

    def get(self, id: str) -> ListOffer:
        """One offer."""
        return self._seen(self._proposal(id))

    def all(self) -> Sequence[ListOffer]:
        """All offers, newest first."""
        return [self._seen(proposal) for proposal in self.proposals.all(LIST)]

    def _kept(self, offer: Offer, error: Implausible, person: str) -> ListOffer:
        file, names = error.file, offer.names or [path.name for path in offer.paths]
        self.proposals.entered(person, Role.ANALYST)
        originals = [
            keep(self._snapshots.folder, path, name[-LONGEST:])
            for path, name in zip(offer.paths, names, strict=True)
        ]  # fmt: skip
        about = {
            "publication": file.publication, "published": file.published.isoformat(), "dated_by": file.dated_by,
            "format": file.format, "list_content": file.digest, "counts": dict(sorted(file.counts.items())),
            "files": [{"name": x.name, "sha256": x.sha256, "size": x.size} for x in originals],
            "source": offer.source[:LONGEST], "compared_with": error.last.key if error.last else None,
            "doubts": list(error.doubts),
        }  # fmt: skip
        content = Content.of(canonical_json(about))
        for one in self.all():
            if one.state == WAITING and one.proposal.content == content.digest:
                return one
        title = f"{file.publication} of {file.published}, which is not believed"
        made = self.proposals.propose(
            LIST, content.digest, person, title=title, reason=_reason(offer.confirmed), contents=[content],
            role=Role.ANALYST,
        )  # fmt: skip
        return self.get(made.id)

    def _offered(self, about: Mapping[str, Any], folder: Path, confirmed: str) -> Offer:
        """The files of an offer, laid out once more; SnapshotsError where they are not what they were."""
        paths, names = [], []
        for number, said in enumerate(about["files"]):
            original = Original(said["name"], said["sha256"], said["size"])
            path = folder / f"{number}-list"
            with opened(self._snapshots.folder, original) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
            with path.open("rb") as file:
                if file_digest(file, "sha256").hexdigest() != original.sha256:
                    raise SnapshotsError(
                        f"{original.name} is not what was offered any more: decline it, offer it again"
                    )
            paths.append(path)
            names.append(original.name)
        day = date.fromisoformat(about["published"])
        assumed = about["dated_by"] == "assumed"
        return Offer(
            paths, about["source"], None if assumed else day, day if assumed else None, names, confirmed,
            frozenset(about["doubts"]), about["publication"],
        )  # fmt: skip

    def _proposal(self, id: str) -> Proposal:
        with suppress(ChangeFault):
            found = self.proposals.get(id)
            if found.kind == LIST:
                return found
        raise ChangeFault("unknown", f"there is no offered list `{id[:80]}`")

    def _seen(self, proposal: Proposal) -> ListOffer:
        about: dict[str, Any] = json.loads(self._store.content(proposal.content))
        confirmed, declined = self.proposals.approval(proposal.id), self.proposals.withdrawal(proposal.id)
        snapshot = None
        if confirmed is not None:
            with self._snapshots.reading() as view:
                keys = [
                    x.key for x in view.snapshots(about["publication"])
                    if (x.content, x.published.isoformat()) == (about["list_content"], about["published"])
                ]  # fmt: skip
            snapshot = keys[-1] if keys else None
        state = DECLINED if declined else WAITING if confirmed is None else CONFIRMED if snapshot is None else TAKEN
        return ListOffer(proposal, about, state, confirmed, declined, snapshot)


def _reason(text: str) -> str:
    return "".join(x for x in text if x.isprintable() or x == "\n").strip()[:LONGEST_REASON]


__all__ = ["LIST", "ListOffer", "ListOffers"]
