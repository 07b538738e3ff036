"""The whole trace of a decision: each finding with its facts, the exemptions tried, and what is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from carveout.engine.cli.look import OUTCOME_STYLE, clean, sign, style_of
from carveout.engine.decide.decision import Decision
from carveout.engine.decide.words import MANNER_WORDS, VERDICT_WORDS, cited

Json = Mapping[str, Any]
_COVERS = {"true": "covers", "unknown": "may cover", "false": "does not cover"}


def show_trace(decision: Decision, authority: str | None, out: Console) -> None:
    """Print the trace of every authority, or of one."""
    acts = decision.body.get("acts") or [decision.body]
    out.print(Text(f" {decision.outcome.upper()} ", OUTCOME_STYLE[decision.outcome]))
    for number, act in enumerate(acts, 1):
        if len(acts) > 1:
            out.print(Text(f"\nAct {number}, {clean(act['at'])}", "bold"))
        for ruling in act["authorities"]:
            if authority in (None, ruling["authority"]):
                out.print()
                out.print(_ruling(act, ruling, out))


def _ruling(act: Json, ruling: Json, out: Console) -> Tree:
    verdict = ruling["verdict"]
    span = "" if ruling["best"] == ruling["worst"] else f", from {_said(ruling['best'])} to {_said(ruling['worst'])}"
    word = (VERDICT_WORDS[verdict] + MANNER_WORDS[ruling["manner"]], style_of(verdict))
    nexus = f"; nexus {ruling['nexus']}" if "nexus" in ruling else ""
    title = Text.assemble(sign(verdict, out), " ", (ruling["authority"], "bold"), "  ", word, (span + nexus, "dim"))
    tree = Tree(title, guide_style="dim")
    findings = [finding for finding in act["findings"] if finding["authority"] == ruling["authority"]]
    for finding in findings:
        _finding(tree, finding)
    if not findings:
        tree.add(Text("no prohibition of the rule set engages", "dim"))
    for question in act["questions"]:
        if ruling["authority"] in question["authorities"]:
            tree.add(Text(f"asked: {clean(question['question'])}", "dark_orange3"))
    for law in act["unresolved"]:
        if law["authority"] == ruling["authority"]:
            branch = tree.add(Text(f"unresolved law in {law['norm']}: {clean(law['question'])}", "dark_orange3"))
            _leaves(branch, (f"reading: {reading}" for reading in law["readings"]))
            _leaves(branch, (f"source: {source}" for source in law["sources"]))
    return tree


def _finding(tree: Tree, finding: Json) -> None:
    thing = f"{finding['thing']['kind']} {finding['thing']['name']}"
    said = f"  {finding['title']}: {thing} ({cited(finding['citations'])})"
    branch = tree.add(Text.assemble((finding["prohibition"], "bold"), clean(said)))
    best, worst = _said(finding["best"]), _said(finding["worst"])
    became = best if best == worst else f"between {best} and {worst}"
    engaged = {"true": "engaged", "unknown": "perhaps engaged"}.get(finding["engaged"], "not engaged")
    under = f" under {finding['programme']}" if "programme" in finding else ""
    branch.add(Text(f"{engaged}{under}; becomes {became}{MANNER_WORDS[finding['manner']]}"))
    if "in_force" in finding:
        branch.add(Text(f"in force: {finding['in_force']}"))
    for cause in finding.get("because", ()):
        branch.add(Text("because " + clean(_cause(cause))))
    _facts(branch, "facts used", finding["facts"])
    for shield in finding["shields"]:
        _shield(branch, shield)
    if not finding["shields"]:
        branch.add(Text("no exemption comes into question", "dim"))
    missing = [f"{m['fact']} of {m['of']}" for m in finding.get("missing", ())]
    if missing:
        branch.add(Text("open because not known: " + clean("; ".join(missing)), "dark_orange3"))


def _cause(cause: Json) -> str:
    listing = cause["listing"]
    text = f"{cause['status']} ({cause['truth']}): {listing['title']}"
    if "citations" in listing:
        text += f" ({cited(listing['citations'])})"
    if "path" in cause:
        text += f"; passed on by {cause['ownership']['title']}: " + " > ".join(str(step) for step in cause["path"])
    return text


def _shield(branch: Tree, shield: Json) -> None:
    name = shield["exemption"] or "authorisation held"
    how = f"{_COVERS[shield['truth']]}, as {_said(shield['lifts_as'])}"
    style = {"true": "green4", "unknown": "dark_orange3"}.get(shield["truth"], "dim")
    text = f"  {clean(shield['title'])} ({clean(cited(shield['citations']))}): "
    leaf = branch.add(Text.assemble((name, "bold"), text, (how, style)))
    _leaves(leaf, (f"{key}: {shield[key]}" for key in ("held", "stale") if key in shield))
    _leaves(leaf, (f"excluded ({e['truth']}): {e['label']}" for e in shield.get("excluded", ())))
    _leaves(leaf, (f"condition: {condition}" for condition in shield.get("conditions", ())))
    _facts(leaf, "facts used", shield.get("facts", ()))


def _facts(branch: Tree, title: str, facts: Iterable[Json]) -> None:
    lines = dict.fromkeys(f"{fact['fact']} of {fact['of']}: {_value(fact['value'])}" for fact in facts)
    if lines:
        _leaves(branch.add(Text(title, "dim")), lines)


def _value(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} ({truth})" for key, truth in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(str(part) for part in value) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _said(verdict: str) -> str:
    return verdict.replace("_", " ")


def _leaves(branch: Tree, lines: Iterable[str]) -> None:
    for line in lines:
        branch.add(Text(clean(line)))
