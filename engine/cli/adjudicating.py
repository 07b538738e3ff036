"""`adjudicate`: what people answered to "is this party the listed one?"; given, listed, taken back."""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from carveout.engine.cli.changes import acting
from carveout.engine.cli.look import BAD_INPUT, clean, console, refuse
from carveout.engine.cli.reading import RulesOption, engine_for, settings, stated
from carveout.engine.cli.store_keeping import open_store
from carveout.engine.cli.watching import person_of
from carveout.engine.facts.problems import StatementError

if TYPE_CHECKING:
    pass

adjudicate = typer.Typer(
    no_args_is_help=True, help="Answers of people to who a party is: kept, bound to both records, taken back."
)
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")]
_STYLE = {"in_force": "bold green4", "fallen": "bold dark_orange3", "proposed": "bold dark_orange3"}
MOST_NAMES = 5


@adjudicate.command("add")
def add(
    party: Annotated[str, typer.Option(metavar="NAME", help="The party or asset, by its name or id there.")],
    subject: Annotated[str, typer.Option(metavar="ID", help="The candidate: a subject, or LIST:NUMBER.")],
    answer: Annotated[str, typer.Option(metavar="same|different", help="Is it the candidate?")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="What was looked at, and what it said.")],
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="A transaction that states the party.")] = None,
    decision: Annotated[
        str | None, typer.Option(metavar="ID", help="In its place: the stored decision that asked.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="The first day on which it holds no longer.")] = None,
    as_json: JsonOption = False,
    rules: RulesOption = None,
) -> None:
    """Answer whether a party is a candidate. Exit status: 0 stored, 2 refused."""
    from carveout.engine.parties.adjudications.standing import shown
    from carveout.engine.records.answering import Answer, AnswerRefused, answer_of

    if (file is None) == (decision is None):
        refuse(["state a transaction (FILE), or the decision that asked (--decision ID)"])
    transaction = stated(file) if file is not None else None
    engine = engine_for(rules)
    said = Answer(party, subject, answer, reason, until)
    with open_store() as store:
        try:
            given, record, _ = answer_of(
                store, engine.now, said, person_of(store), settings().answer_days,
                transaction=transaction, decision=decision,
            )  # fmt: skip
        except AnswerRefused as error:
            option = "--decision" if error.field == "decision" else f"--{error.field}"
            refuse([f"{option}: {error.message}"])
        except StatementError as error:
            refuse([f"{problem.field}: {problem.message}" for problem in error.problems])
    told = shown(given, engine.subjects, _now())
    if as_json:
        _json(told)
        return
    out = console()
    _show(told, out)
    if given.state == "proposed" and given.person.startswith("os:"):
        text = "Nobody can confirm it, since this account is no person of the store: enter it as an analyst"
        out.print(Text(f"{text} (carveout people add), and answer again.", "bold"))
    if not given.stated.get("facts"):
        out.print(Text("Whoever is stated by this very name alone falls under it: state a number too.", "bold"))
    out.print(Text("It is bound to this record, and falls away when it changes:", "dim"))
    for line in _record(record.data):
        out.print(Padding(Text(clean(line)), (0, 0, 0, 4)))


@adjudicate.command("list")
def list_(
    subject: Annotated[str | None, typer.Option(metavar="ID", help="About this candidate only.")] = None,
    party: Annotated[str | None, typer.Option(metavar="NAME", help="Of parties of exactly this name.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that count no longer, too.")] = False,
    as_json: JsonOption = False,
    rules: RulesOption = None,
) -> None:
    """Say what was answered, newest first, and what of it still counts. Exit status: 0."""
    from carveout.engine.parties.adjudications.standing import shown
    from carveout.engine.records.adjudications import read

    engine = engine_for(rules)
    with open_store() as store:
        answers = read(store)
    told = [
        shown(answer, engine.subjects, _now())
        for answer in reversed(list(answers))
        if (subject is None or answer.subject == subject) and (party is None or answer.stated.get("name") == party)
    ]
    listed = [one for one in told if everything or one["state"] in _STYLE]
    if as_json:
        _json({"adjudications": listed})
        return
    out = console()
    for one in listed:
        _show(one, out)
    left = len(told) - len(listed)
    rest = f"; {left} more count no longer (--all)" if left else ""
    out.print(Text(f"{len(listed)} answer{'' if len(listed) == 1 else 's'}{rest}", "dim"))


@adjudicate.command("confirm")
def confirm_(id: Annotated[str, typer.Argument(metavar="ID", help="Of the answer.")]) -> None:
    """Confirm, as a second person with the role approver, that a party is another. Exit status: 0, or 2 if refused."""
    from carveout.engine.records.adjudications import NoSuchAnswer, confirm
    from carveout.engine.records.proposals import ChangeFault

    with open_store() as store:
        try:
            confirm(store, id, acting())
        except (NoSuchAnswer, ChangeFault) as error:
            refuse([str(error)], BAD_INPUT)
    console().print(Text(f"confirmed, and counts from now on: {clean(id)}"))


@adjudicate.command("withdraw")
def withdraw_(
    id: Annotated[str, typer.Argument(metavar="ID", help="Of the answer.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it is taken back.")],
) -> None:
    """Take an answer back: it stays, and counts no longer. Exit status: 0, or 2 if there is no such answer."""
    from carveout.engine.records.adjudications import NoSuchAnswer, withdraw

    if not reason.strip():
        refuse(["--reason: is missing"])
    with open_store() as store:
        try:
            withdraw(store, id, reason.strip()[:2_000], person_of(store))
        except NoSuchAnswer as error:
            refuse([str(error)], BAD_INPUT)
    console().print(Text(f"withdrawn: {clean(id)}"))


def _show(one: Mapping[str, Any], out: Console) -> None:
    state = str(one["state"])
    is_ = "is" if one["answer"] == "same" else "is not"
    head = Text.assemble((state.replace("_", " "), _STYLE.get(state, "dim")))
    head.append(f"  {clean(one['party']['name'])} {is_} {clean(one['name'] or 'somebody')} ")
    head.append(clean(one["subject"]), "dim")
    out.print(head)
    lines = [f"{one['reason']}", f"by {one['person']} on {one['made'][:10]}, until {one['until']}; {one['id']}"]
    facts = one["party"].get("facts") or {}
    beside = "; ".join(f"{key}: {_words(value)}" for key, value in facts.items())
    lines += [f"as stated: {beside}" if beside else "as stated: the name alone", *([one["why"]] if one["why"] else [])]
    for line in lines:
        out.print(Padding(Text(clean(line)), (0, 0, 0, 4)))


def _record(data: Mapping[str, Any]) -> list[str]:
    lines = []
    own = data.get("subject")
    if own:
        lines.append(f"{data['id']}: {_several(name for name, _ in own['names'])}")
    for entry in data["entries"]:
        wording = entry["wording"]
        lines.append(f"{entry['entry']}: {_several(name[0] for name in wording['names'])}")
        told = {
            "born": wording.get("birth_dates"), "countries": wording.get("countries"),
            "numbers": [f"{kind} {value}" for kind, value in entry["identifiers"]],
            "addresses": [address[0] for address in wording.get("addresses", ())],
        }  # fmt: skip
        lines += [f"  {key}: {_several(values)}" for key, values in told.items() if values]
    return lines


def _several(values: Any) -> str:
    listed = [str(value) for value in values]
    more = f" and {len(listed) - MOST_NAMES} more" if len(listed) > MOST_NAMES else ""
    return "; ".join(listed[:MOST_NAMES]) + more


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _now() -> int:
    return int(datetime.now(UTC).timestamp())


def _json(data: object) -> None:
    typer.echo(json_module.dumps(data, ensure_ascii=False, sort_keys=True, indent=2).encode())
