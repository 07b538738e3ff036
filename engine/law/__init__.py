"""The law as data: norms, vocabulary, rule set, clocks."""
