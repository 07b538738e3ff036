"""One row as a transaction, with the column that each field came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from carveout.engine.batch.columns import REFERENCE, TRANSACTION, Column
from carveout.engine.batch.shares import HOW, read_share
from carveout.engine.batch.stated import read_json
from carveout.engine.batch.tables import Table
from carveout.engine.facts.blanks import is_blank
from carveout.engine.facts.problems import Problem, StatementError

NONE = "none"
"""In a cell for several values: known to be none."""
_LISTS = {"party": "parties", "item": "items", "asset": "assets"}


class Row:
    """A row on its way to a transaction. `transaction` is as a user would state it in JSON."""

    def __init__(self, table: Table, cells: Sequence[str]) -> None:
        """Raises StatementError naming columns."""
        self.problems: list[Problem] = []
        self.column_of: dict[str, str] = {}
        if len(cells) != len(table.header):
            raise StatementError([Problem("row", _ragged(table, cells))])
        stated = [
            (heading, column, cell.strip())
            for heading, column, cell in zip(table.header, table.columns, cells, strict=True)
            if cell.strip() and column.thing != "carried"
        ]
        self.transaction: dict[str, Any] = self._base(stated)
        self._parties: dict[str, dict[str, Any]] = {}
        groups: dict[str, list[tuple[str, Column, str]]] = {}
        for heading, column, cell in stated:
            if column.thing != "act":
                groups.setdefault(column.group, []).append((heading, column, cell))
            elif column.field != TRANSACTION:
                self._set(self.transaction, "", heading, column, cell)
        for group in groups.values():
            self._thing(group)
        if self.problems:
            raise StatementError(self.problems)

    def _base(self, stated: Sequence[tuple[str, Column, str]]) -> dict[str, Any]:
        for heading, column, cell in stated:
            if column.field == TRANSACTION and column.thing == "act":
                try:
                    base = read_json(cell)
                except StatementError as error:
                    raise StatementError([Problem(heading, p.message) for p in error.problems]) from None
                if not isinstance(base, dict):
                    raise StatementError([Problem(heading, "must be a JSON object")])
                return base
        return {}

    def _thing(self, group: Sequence[tuple[str, Column, str]]) -> None:
        """The party, item or asset that the cells of one group speak of, into its list."""
        heading, column, _ = group[0]
        key = _LISTS[column.thing]
        named = {c.field: cell for _, c, cell in group if c.field in ("name", "id", "subject", "registration")}
        if named.get("name", named.get("registration", "")).casefold() == NONE:
            self._nobody(heading, column, len(group))
            return
        entries = self._entries(heading, key)
        if column.thing == "party":
            if not named:
                self.problems.append(Problem(heading, f"is stated, and `{column.group.replace(' ', '_')}` is empty"))
                return
            name = named.get("name", "")
            entry = self._parties.setdefault(name, {}) if name else {}
            if not entry:
                entries.append(entry)
            roles = entry.setdefault("roles", [])
            if column.word not in roles:
                roles.append(column.word)
        else:
            entry = {"kind": column.word} if column.word and not any(c.field == "kind" for _, c, _ in group) else {}
            entries.append(entry)
        where = f"{key}[{next(i for i, e in enumerate(entries) if e is entry)}]."
        self.column_of.setdefault(where.rstrip("."), heading)
        for heading, column, cell in group:
            self._set(entry, where, heading, column, cell)

    def _entries(self, heading: str, key: str) -> list[Any]:
        entries = self.transaction.setdefault(key, [])
        if isinstance(entries, list):
            return entries
        self.problems.append(Problem(heading, f"`{key}` of `{TRANSACTION}` must be a list"))
        return []

    def _nobody(self, heading: str, column: Column, cells: int) -> None:
        """A thing that is known not to be: nobody fills the role, there are no items or no assets."""
        if cells > 1 or (column.thing == "asset" and column.word):
            hint = "write `none` in `asset`" if cells == 1 else "something is said of it in other columns"
            self.problems.append(Problem(heading, f"is `{NONE}`: {hint}"))
            return
        self._entries(heading, "none").append(column.word or _LISTS[column.thing])

    def _set(self, entry: dict[str, Any], where: str, heading: str, column: Column, cell: str) -> None:
        value = self._value(heading, column, cell)
        if column.field in entry and entry[column.field] != value:
            other = self.column_of.get(where + column.field, TRANSACTION)
            self.problems.append(Problem(heading, f"says another thing than `{other}`"))
            return
        entry[column.field] = value
        self.column_of.setdefault(where + column.field, heading)

    def _value(self, heading: str, column: Column, cell: str) -> Any:
        named = column.form == "link" or (column.thing == "party" and column.field == "name")
        if named and is_blank(cell):
            hint = "leave it empty if it is not known, and say in the column `none` that there is none"
            self.problems.append(Problem(heading, f"`{cell[:80]}` is no name: {hint}"))
        if column.form in ("text", "link"):
            return cell
        parts = [part.strip() for part in cell.split(";") if part.strip()]
        if parts == [NONE] and column.thing != "act":
            return {} if column.form == "pairs" else []
        if column.form == "owners":
            return [self._owner(heading, part) for part in parts]
        if column.form == "pairs":
            pairs = [part.partition("=") for part in parts]
            if not all(equals for _, equals, _ in pairs):
                self.problems.append(Problem(heading, "is written KIND=NUMBER; KIND=NUMBER"))
            return {kind.strip(): number.strip() for kind, _, number in pairs}
        return parts

    def _owner(self, heading: str, part: str) -> dict[str, str]:
        share = read_share(part)
        if share is None:
            self.problems.append(Problem(heading, f"`{part[:80]}`: {HOW}"))
        return share or {}

    def named(self, error: StatementError) -> list[Problem]:
        """The problems of this row's transaction, said of its columns."""
        return [Problem(self._heading(problem.field), problem.message) for problem in error.problems]

    def _heading(self, field: str) -> str:
        steps = field
        while steps:
            if steps in self.column_of:
                return self.column_of[steps]
            steps = steps.rpartition("[")[0] if steps.endswith("]") else re.sub(r"[.\[]?[^.\[]*$", "", steps)
        return field


def facts_key(table: Table, cells: Sequence[str]) -> tuple[str, ...]:
    """What two rows share that are one transaction: all that is stated but the reference, and their length."""
    used = [
        cell.strip()
        for column, cell in zip(table.columns, cells, strict=False)
        if column.thing != "carried" and not (column.thing == "act" and column.field == REFERENCE)
    ]
    return (*used, str(len(cells)) if len(cells) != len(table.columns) else "")


def _ragged(table: Table, cells: Sequence[str]) -> str:
    message = f"has {len(cells)} cells, the header has {len(table.header)}"
    left_over = [cell for cell in cells[len(table.header) :] if cell.strip()]
    if left_over:
        message += "; left over: " + ", ".join(f"`{cell[:80]}`" for cell in left_over[:10])
    return message
