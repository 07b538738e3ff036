"""A decision in words for people: the outcome first, one line an authority, then what it hangs on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from carveout.engine.analyse.open_things import OpenThing, counted, folded, open_things
from carveout.engine.cli.look import OUTCOME_STYLE, clean, sign, style_of
from carveout.engine.decide.decision import Decision
from carveout.engine.decide.words import MANNER_WORDS, OUTCOME_WORDS, VERDICT_WORDS, cited, delisted, registered, unkept
from carveout.engine.law.conditions import VERDICTS
from carveout.engine.law.ruleset import RuleSet

Json = Mapping[str, Any]
_MILD = ("no_nexus", "not_prohibited", "authorized")


def show_decision(decision: Decision, rules: RuleSet, out: Console, everything: bool = False) -> None:
    """Print a decision; of a deal each act. Open findings are counted, and `everything` lists them."""
    body = decision.body
    said = OUTCOME_WORDS[decision.outcome].partition(":")[2].strip()
    out.print(Text.assemble((f" {decision.outcome.upper()} ", OUTCOME_STYLE[decision.outcome]), "  ", said))
    if decision.reference:
        out.print(Text(f"reference {clean(decision.reference)}", "dim"))
    acts: Sequence[Json] = body.get("acts") or [body]
    for number, act in enumerate(acts, 1):
        if len(acts) > 1:
            out.print(Text(f"\nAct {number}: {act['outcome']}, {clean(act['at'])}", "bold"))
        _show_act(act, rules, out, everything)
    rule_set = f"rule set {str(body['made_with']['rules'])[:12]}: {len(rules.norms)} norms of "
    held = rule_set + ", ".join(sorted(authority.short for authority in rules.authorities.values()))
    out.print()
    out.print(Text(held, "dim"))


def _show_act(act: Json, rules: RuleSet, out: Console, everything: bool) -> None:
    if act["outcome"] == "review":  # what is to be found out comes first; after a stop it can only add to it
        _asked(act, rules, out, everything)
    out.print()
    out.print(_authorities(act, out, everything))
    _section(out, "LISTS TOO OLD for that day: who was added since is not known here", _too_old(act))
    if unkept_lists := unkept([one["title"] for one in act.get("lists_not_kept", ())], "lists" in act["made_with"]):
        _section(out, "LISTS NOT KEPT", (unkept_lists,))
    _section(out, "On these conditions", _conditions(act))
    if act["outcome"] != "review":
        _asked(act, rules, out, everything)
    _section(out, "Unresolved law", (_unresolved(u) for u in act["unresolved"]))
    _section(out, "Read as", (f"{r['of']}: {_named(r['fact'], r['stated'])}: {r['read']}" for r in act["read_as"]))
    _section(out, "Who is who", _identity(act["identity"]))
    _section(out, "Owners in the register", (registered(shown) for shown in act.get("registered_owners", ())))
    _section(out, "Assumed", _assumptions(act["assumptions"]))
    _section(out, "Duties", _duties(act["duties"], rules))
    if act["not_held"]:
        places = ", ".join(f"{rules.vocabulary.places.get(p, p)}" for p in act["not_held"])
        _section(out, "Law not held here", [places])


def _asked(act: Json, rules: RuleSet, out: Console, everything: bool) -> None:
    _section(out, "To answer", (_question(q, rules) for q in act["questions"]))
    hint = "" if everything else " (--all lists them)"
    _section(out, f"Open until then{hint}", (_open(thing, rules) for thing in open_things(act["findings"])))


def _authorities(act: Json, out: Console, everything: bool) -> Table:
    """One line an authority, strictest first; those without jurisdiction together."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=1)
    grid.add_column(no_wrap=True)
    grid.add_column(max_width=24)
    grid.add_column(ratio=1)
    rulings = sorted(act["authorities"], key=lambda r: -VERDICTS.index(r["verdict"]))
    for ruling in rulings:
        verdict = ruling["verdict"]
        if verdict == "no_nexus":
            continue
        word = VERDICT_WORDS[verdict] + MANNER_WORDS[ruling["manner"]]
        why = "\n".join(clean(line) for line in reasons(act, ruling, everything))
        grid.add_row(sign(verdict, out), Text(ruling["title"], "bold"), Text(word, style_of(verdict)), Text(why))
    silent = ", ".join(ruling["title"] for ruling in rulings if ruling["verdict"] == "no_nexus")
    if silent:
        grid.add_row(sign("no_nexus", out), Text("others", "dim"), Text("no jurisdiction", "dim"), Text(silent, "dim"))
    return grid


def reasons(act: Json, ruling: Json, everything: bool = False) -> list[str]:
    """Why an authority says what it says: what stands, what is open, or what lifts it, each with its citation.

    What hangs on a thing that is not known enough is one line for that thing, unless `everything` is wanted.
    """
    findings = [f for f in act["findings"] if f["authority"] == ruling["authority"]]
    verdict = ruling["verdict"]
    if verdict in _MILD:
        shields = [s for f in findings for s in f["shields"] if s["truth"] != "false"]
        lifted = [f"{s['title']} ({cited(s['citations'])})" for s in shields]
        over = [delisted(entry) for entry in act["delisted"] if entry["authority"] == ruling["authority"]]
        return list(dict.fromkeys([*lifted, *over]))
    if verdict == "review":
        telling = [f for f in findings if f["worst"] not in _MILD]
    else:
        telling = [f for f in findings if f["best"] == verdict]
    many: list[OpenThing] = []
    if not everything and verdict == "review":
        telling, many = folded(telling)
    listed = (f"{f['title']}: {f['thing']['name']} ({cited(f['citations'])})" for f in telling)
    return [*dict.fromkeys(listed), *(f"open about {thing.name}: {counted(thing.total)}" for thing in many)]


def _open(thing: OpenThing, rules: RuleSet) -> str:
    each = ", ".join(f"{rules.authorities[id].short} {number}" for id, number in thing.counts.items())
    return f"{thing.name}: {counted(thing.total)} of {each}"


def _conditions(act: Json) -> Iterable[str]:
    """The conditions of every exemption that covers something, and permits relied on."""
    seen: dict[str, list[str]] = {}
    for finding in act["findings"]:
        for shield in finding["shields"]:
            if shield["truth"] == "true" and (shield.get("conditions") or shield.get("held")):
                extra = [shield["held"]] if shield.get("held") else []
                seen.setdefault(shield["title"], [*shield.get("conditions", []), *extra])
    return [f"{title}: " + "; ".join(lines) for title, lines in seen.items()]


def _question(question: Json, rules: RuleSet) -> str:
    shorts = ", ".join(rules.authorities[a].short for a in question["authorities"] if a in rules.authorities)
    stated = question.get("stated")
    quoted = f" Stated: {_plain(stated)}." if stated is not None and "“" not in question["question"] else ""
    return f"{question['question']}{quoted}  [{shorts}]"


def _unresolved(law: Json) -> str:
    readings = "".join(f"\n  - {reading}" for reading in law["readings"])
    sources = f"\n  sources: {'; '.join(law['sources'])}" if law["sources"] else ""
    return f"{law['question']} ({law['title']}){readings}{sources}"


def _too_old(act: Json) -> Iterable[str]:
    return (f"{found['title']}: the newest copy is of {found['newest']}" for found in act.get("overdue_lists", ()))


def _identity(entries: Sequence[Json]) -> Iterable[str]:
    for entry in entries:
        for found in entry["candidates"]:
            is_ = "is" if found["verdict"] == "same" else "may be"
            score = "" if found["verdict"] == "same" else f", likeness {found['score']}"
            yield f"{entry['party']} {is_} {found['name']} ({found['subject']}{score}): {found['reason']}"
        for answer in entry.get("answers", ()):
            is_ = "is" if answer["answer"] == "same" else "is not"
            said = f"answered by {answer['by']} on {answer['made'][:10]}: {answer['reason']}"
            fell = "" if answer["holds"] else f" This NO LONGER HOLDS: {answer['why']}."
            yield f"{entry['party']} {is_} {answer['name']} ({answer['subject']}), {said}{fell}"


def _assumptions(entries: Sequence[Json]) -> Iterable[str]:
    """Each assumption once, with everything it was made of."""
    things: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        things.setdefault((entry["fact"], _plain(entry["assumed"])), []).append(entry["of"])
    return [f"{', '.join(dict.fromkeys(of))}: {_named(fact, value)}" for (fact, value), of in things.items()]


def _named(fact: str, value: str) -> str:
    name = fact.partition(".")[2].replace("_", " ")
    return f"no {name}" if value == "no" else value if " " in value else f"{name} {value}"


def _duties(entries: Sequence[Json], rules: RuleSet) -> Iterable[str]:
    for entry in entries:
        until = f" by {entry['due']}" if "due" in entry else ""
        until += f" until {entry['retain_until']}" if "retain_until" in entry else ""
        short = rules.authorities[entry["authority"]].short
        yield f"{entry['duty']}{until} [{short}, {entry['of']}]: {entry['says']} ({cited(entry['citations'])})"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(v) for v in value)
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _section(out: Console, title: str, lines: Iterable[str]) -> None:
    listed = list(dict.fromkeys(lines))
    if not listed:
        return
    out.print()
    out.print(Text(title, "bold"))
    for line in listed:
        out.print(Padding(Text(clean(line)), (0, 0, 0, 2)))
