"""The transaction as its user states it."""
