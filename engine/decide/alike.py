"""Findings that say the same of somebody nobody knows, told once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

_SAME = ("authority", "effect", "thing", "best", "worst", "manner", "facts", "missing", "in_force")


def gathered(findings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The findings of one authority, those of an unknown status under several programmes as one.

    Whoever is not known may be listed under any programme, and each has a norm of its own. Where they differ in nothing
    but the programme, the first stands for all of them and names the others under `likewise`.
    """
    found: list[dict[str, Any]] = []
    first: dict[str, dict[str, Any]] = {}
    for finding in findings:
        if finding["engaged"] != "unknown" or finding["shields"] or "programme" not in finding:
            found.append(finding)
            continue
        why = [{**reason, "status": ""} for reason in finding["because"]]
        key = json.dumps([*(finding.get(name) for name in _SAME), why])
        known = first.get(key)
        if known is None:
            first[key] = finding = dict(finding)
            found.append(finding)
        else:
            other = {"prohibition": finding["prohibition"], "programme": finding["programme"]}
            known.setdefault("likewise", []).append(other)
    for finding in first.values():
        if "likewise" in finding:
            finding["title"] += f" (or under one of {len(finding['likewise'])} other programmes)"
    return found


def spoken_of(findings: dict[str, list[dict[str, Any]]], unresolved: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The open questions of law but those of norms that a finding names under `likewise` only."""
    if not unresolved:
        return unresolved
    every = [finding for found in findings.values() for finding in found]
    others = {other["prohibition"] for finding in every for other in finding.get("likewise", ())}
    others -= {finding["prohibition"] for finding in every}
    return [entry for entry in unresolved if entry["norm"] not in others] if others else unresolved
