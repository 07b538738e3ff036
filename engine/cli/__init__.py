"""The command line: what the engine says, in words for people and in JSON for machines."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from carveout.engine.cli.app import run

    run()
