"""What is kept: decisions, the audit chain, rule-set versions and approvals, people and roles."""
