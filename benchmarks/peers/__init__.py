"""The other engines, each with the same rules and facts."""
