"""Ownership registers: who owns and controls whom, read from published statements and kept as dated imports."""
