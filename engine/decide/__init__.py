"""From facts and norms to a decision: conditions, settling, verdicts, explanation."""
