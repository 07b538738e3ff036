"""One module a step; its number is the version of the tables."""
