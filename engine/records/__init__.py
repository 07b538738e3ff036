"""What is remembered: decisions with all they were made of, the audit chain, people."""
