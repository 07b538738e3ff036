"""The transaction as a user states it: a pydantic model made from the vocabulary, so that new facts are data."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, ForwardRef, Union

from pydantic import BaseModel, ConfigDict, Field, create_model

from carveout.engine.facts.values import (
    Born,
    Day,
    FullText,
    NameText,
    Number,
    Percent,
    Text,
    YesNo,
    Zone,
    many,
    one_of,
    place_of,
)
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.vocabulary import LINKS, Fact

MAX_THINGS = 1_000
MAX_ACTS = 100
STRUCTURAL = {"act.activity", "party.role", "party.subject", "party.status", "asset.subject", "asset.status"}
"""Facts that are stated in a form of their own."""
Fields = dict[str, Any]


class Strict(BaseModel):
    """Unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, protected_namespaces=())


def _maybe(kind: Any, description: str, **more: Any) -> tuple[Any, Any]:
    return Union[kind, None], Field(None, description=description, **more)  # noqa: UP007 (a type made at run time)


def _list(kind: Any, description: str, most: int = MAX_THINGS) -> tuple[Any, Any]:
    return many(kind, most), Field([], description=description)


def _either(first: Any, second: Any) -> Any:
    return Union[first, second]  # noqa: UP007


def _model(name: str, doc: str, fields: Fields) -> type[BaseModel]:
    made: type[BaseModel] = create_model(name, __base__=Strict, __doc__=doc, **fields)
    return made


class StatementModels:
    """Builds the models for one rule set."""

    def __init__(self, rules: RuleSet, subjects: Container[str]) -> None:
        self.rules, self.vocabulary = rules, rules.vocabulary
        self.place = place_of(self.vocabulary.places)
        self.party: Any = ForwardRef("Party")
        self.asset: Any = ForwardRef("Asset")
        words = self.vocabulary.words
        self.role = one_of(words.get("role", {}), "role", enum=True)
        lists = [entry for authority in rules.authorities.values() for entry in authority.lists.values()]
        statuses = [status for entry in lists for status in (entry.id, *(f"{entry.id}/{p}" for p in entry.programmes))]
        subject, status = one_of(rules.subjects, "subject", also=subjects), one_of(statuses, "status")
        self.named: Fields = {
            "id": _maybe(NameText, "how other things of this transaction refer to it"),
            "name": _maybe(NameText, "its name as it stands on the papers"),
        }
        self.identity: Fields = {
            **self.named,
            "subject": _maybe(subject, "who it is, where that has been established"),
            "not_subject": _list(subject, "who it is not"),
            "listed": _list(status, "statuses known to the user"),
            "identifiers": (
                dict[FullText, FullText],
                Field({}, max_length=20, description="tax number, LEI, BIC, IMO ... each by its kind"),
            ),
        }
        self.about_a_party: Fields = {
            "born": _maybe(Born, "when a person was born, as far as it is known: 1970, 1970-05 or 1970-05-02"),
            "address": _maybe(Text, "where it is at home: seen beside the name, no fact of law"),
        }
        self._build_party_and_asset()
        self.item = self._build_item()

    def _facts(self, thing: str) -> Fields:
        fields: Fields = {}
        for fact in self.vocabulary.facts_of(thing):
            if fact.path in STRUCTURAL:
                continue
            kind = self._type(fact)
            kind = many(kind, MAX_THINGS) if fact.many else kind
            fields[fact.name] = _maybe(kind, fact.question, title=fact.title)
            for other in fact.also:
                fields[other] = _maybe(kind, f"the same as `{fact.name}`", title=fact.title)
        return fields

    def _type(self, fact: Fact) -> Any:
        vocabulary = self.vocabulary
        if fact.type == "place":
            return self.place
        if fact.type in vocabulary.words:
            return one_of(vocabulary.words[fact.type], fact.type.replace("_", " "), enum=True)
        if fact.type in vocabulary.codes:
            return Text  # one that cannot be read is kept and asked about, not refused
        if fact.type in LINKS:
            return _either(Text, self.party if LINKS[fact.type] == "party" else self.asset)
        plain = {"yes_no": YesNo, "number": Number, "percent": Percent, "date": Day, "text": Text, "subject": Text}
        return plain[fact.type]

    def _build_party_and_asset(self) -> None:
        """The two refer to each other and to owners, so they are closed only when all three are there."""
        owner: Fields = {
            "party": _maybe(_either(Text, self.party), "who holds the share"),
            "unknown": _maybe(YesNo, "yes: it is not known who holds it"),
            "percent": (Percent, Field(description="the share")),
            "since": _maybe(Day, "held from that day on", alias="from"),
            "until": _maybe(Day, "held until that day, which does not count"),
            "joint": _maybe(YesNo, "held under a joint arrangement"),
        }
        party: Fields = {
            **self.identity,
            **self.about_a_party,
            **self._facts("party"),
            "roles": _list(self.role, "its part in the act", 40),
            "owners": _maybe(many(ForwardRef("Owner"), MAX_THINGS), "shares in it; a stated list is complete"),
            "controlled_by": _maybe(
                many(_either(Text, self.party), MAX_THINGS), "who controls it otherwise than by shares; [] nobody"
            ),
        }
        asset: Fields = {**self.identity, **self._facts("asset")}
        models = {
            "Owner": _model("Owner", "A share in a party.", owner),
            "Party": _model("Party", "A person or organisation.", party),
            "Asset": _model("Asset", "An aircraft, a vessel, property that is held.", asset),
        }
        for model in models.values():
            model.model_rebuild(_types_namespace=models)
        self.party, self.asset = models["Party"], models["Asset"]

    def _build_item(self) -> type[BaseModel]:
        code_set = one_of(self.vocabulary.sets, "set of codes")
        sets = {
            "in_sets": _list(code_set, "sets of codes it is known to be in"),
            "not_in_sets": _list(code_set, "sets of codes it is known not to be in"),
        }
        return _model("Item", "Goods, software or technology.", {**self.named, **self._facts("item"), **sets})

    def _authorisation(self) -> type[BaseModel]:
        norms = self.rules.norms.values()
        prohibition = one_of([n.id for n in norms if n.kind == "prohibition"], "prohibition")
        exemption = one_of([n.id for n in norms if n.kind == "exemption"], "exemption")
        fields = {
            "issuer": (one_of(self.rules.authorities, "authority"), Field(description="the authority that granted it")),
            "reference": (FullText, Field(description="its number or date")),
            "lifts": _list(prohibition, "the prohibitions it lifts", 100),
            "grants": _maybe(exemption, "or the derogation it grants"),
            "things": _list(Text, "ids or names of what it is limited to"),
            "valid_from": _maybe(Text, "from that moment or day on", alias="from"),
            "until": _maybe(Text, "until that moment, or through that day"),
        }
        return _model("Authorisation", "An authorisation the user holds; relied on, not seen.", fields)

    def _act(self) -> Fields:
        linked = [fact for fact in self.vocabulary.facts_of("item") if fact.type in LINKS]
        links = sorted({fact.name for fact in linked})
        roles = list(self.vocabulary.words.get("role", {}))
        grounds = [g.id for a in self.rules.authorities.values() for g in a.grounds.values()]
        activity = one_of(self.vocabulary.words.get("activity", {}), "activity", enum=True)
        facts = self._facts("act")
        return {
            "activity": _maybe(activity, "what is done"),
            "at": _maybe(
                Text, "when: a moment with its offset, or a date", examples=["2025-09-10T12:00:00-04:00", "2025-09-11"]
            ),
            "zone": _maybe(
                Zone, "the time zone of a bare date, or of a time without an offset", examples=["America/New_York"]
            ),
            "asked_on": _maybe(Day, "the day of asking"),
            "reference": _maybe(Text, "the user's own reference; no part of the decision"),
            **facts,
            "parties": _maybe(many(_either(Text, self.party), MAX_THINGS), "everybody with a part in it"),
            "items": _maybe(many(_either(Text, self.item), MAX_THINGS), "goods, software, technology"),
            "assets": _maybe(many(_either(Text, self.asset), MAX_THINGS), "aircraft, vessels, property that is held"),
            "none": _list(one_of(["items", "assets", *links, *roles], "word", enum=True), "what there is none of", 100),
            "authorisations": _list(self._authorisation(), "authorisations held", 100),
            "grounds": _list(one_of(grounds, "ground of nexus"), "grounds of nexus that the user states", 100),
            **{
                fact.name: _maybe(self._type(fact), f"the {fact.title} of every item that names none")
                for fact in linked
                if not fact.many
            },
        }

    def transaction(self) -> type[BaseModel]:
        """One act, or with `acts` a deal of several."""
        fields = self._act()
        act = _model("Act", "One act at one moment.", fields)
        deal = {"acts": _maybe(many(act, MAX_ACTS), "the acts of a deal; what stands beside them holds for each")}
        return _model("Transaction", "One act, or with `acts` a deal of several.", {**fields, **deal})


def statement_model(rules: RuleSet, subjects: Container[str] = ()) -> type[BaseModel]:
    """The pydantic model of a transaction (or of a deal of several acts) under a rule set's vocabulary.

    `subjects`: who may be named as a subject beside those of the rule set.
    """
    return StatementModels(rules, subjects).transaction()
