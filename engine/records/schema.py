"""The tables of the store. What each holds: docs/store.md. A change here is a migration in `migrations/versions`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

VERSION = "0008"
"""The migration that makes these tables."""
ID, DIGEST, TIME, PERSON = String(36), String(64), String(32), String(200)
NAME, TOKEN = String(64), String(16)
metadata = MetaData()

contents = Table(
    "contents",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

rule_versions = Table(
    "rule_versions",
    metadata,
    Column("digest", DIGEST, primary_key=True),  # of the manifest, which lies in `contents`
    Column("fingerprint", DIGEST, nullable=False, index=True),
    Column("time", TIME, nullable=False),
    Column("files", Integer, nullable=False),
    Column("n", BigInteger, nullable=False, unique=True),
)

list_snapshots = Table(
    "list_snapshots",
    metadata,
    Column("digest", DIGEST, primary_key=True),  # of the manifest, which lies in `contents`
    Column("name", String(200), nullable=False, index=True),
    Column("time", TIME, nullable=False),
    Column("n", BigInteger, nullable=False, unique=True),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("n", BigInteger, nullable=False, unique=True),
    Column("time", TIME, nullable=False),
    Column("person", PERSON, nullable=False),
    Column("reference", Text),
    Column("outcome", String(10), nullable=False),
    Column("body", DIGEST, nullable=False, index=True),
    Column("stated", DIGEST, nullable=False, index=True),
    Column("rules", DIGEST, ForeignKey("rule_versions.digest"), nullable=False),
    Column("fingerprint", String(100), nullable=False),
    Column("lists", String(100)),
    Column("format", Integer, nullable=False),
    Column("engine", String(40), nullable=False),
    Column("threshold", String(20)),
    Column("as_known", String(64)),
    Column("table", ID, index=True),
    Column("rows", Text),
    Column("retain_until", String(10), nullable=False, index=True),
)
Index("ix_decisions_reference", decisions.c.reference)

tables = Table(
    "tables",
    metadata,
    Column("id", ID, primary_key=True),
    Column("n", BigInteger, nullable=False, unique=True),
    Column("time", TIME, nullable=False),
    Column("person", PERSON, nullable=False),
    Column("stated", DIGEST, nullable=False),
    Column("answer", DIGEST, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("distinct", Integer, nullable=False),
    Column("failed", DIGEST, nullable=False),  # the rows that could not be decided, with what is wrong
    Column("retain_until", String(10), nullable=False),
)

answered = Table(
    "answered",
    metadata,
    Column("person", PERSON, primary_key=True),
    Column("key", DIGEST, primary_key=True),  # of the Idempotency-Key
    Column("request", DIGEST, nullable=False),
    Column("time", TIME, nullable=False, index=True),
    Column("status", Integer, nullable=False),
    Column("decision", ID),
    Column("content", DIGEST),
)

adjudications = Table(
    "adjudications",
    metadata,
    Column("id", ID, primary_key=True),
    Column("n", BigInteger, nullable=False, unique=True),
    Column("time", TIME, nullable=False),
    Column("person", PERSON, nullable=False),
    Column("subject", String(300), nullable=False, index=True),
    Column("stated", DIGEST, nullable=False, index=True),  # the party as stated: what names it
    Column("record", DIGEST, nullable=False),
    Column("answer", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", String(10), nullable=False),
    Column("state", String(20), nullable=False),
    Column("decision", ID),
)

adjudication_events = Table(
    "adjudication_events",
    metadata,
    Column("id", ID, primary_key=True),
    Column("n", BigInteger, nullable=False, unique=True),
    Column("time", TIME, nullable=False),
    Column("person", PERSON, nullable=False),
    Column("adjudication", ID, ForeignKey("adjudications.id"), nullable=False, index=True),
    Column("event", String(20), nullable=False),
    Column("reason", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("line", LargeBinary, nullable=False),
    Column("hash", DIGEST, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("of", String(64)),
)
Index("ix_audit_of", audit.c.of)

chain = Table(
    "chain",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("id", ID, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("hash", DIGEST, nullable=False),
    Column("head", Text, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", NAME, primary_key=True),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),  # words, sorted, with spaces between
    Column("created", TIME, nullable=False),
    Column("disabled", TIME),
    Column("issuer", String(500)),
    Column("subject", String(500)),
    UniqueConstraint("issuer", "subject", name="uq_people_subject"),
)

keys = Table(
    "keys",
    metadata,
    Column("id", TOKEN, primary_key=True),  # stands in the key, so that it is recognised
    Column("person", NAME, ForeignKey("people.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("hash", DIGEST, nullable=False),
    Column("sealed", TOKEN, nullable=False),  # the name of the secret that hashed it
    Column("created", TIME, nullable=False),
    Column("expires", TIME, nullable=False),
    Column("revoked", TIME),
    Column("used", TIME),  # to the hour
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", TOKEN, primary_key=True),
    Column("person", NAME, ForeignKey("people.id"), nullable=False, index=True),
    Column("hash", DIGEST, nullable=False),
    Column("sealed", TOKEN, nullable=False),
    Column("created", TIME, nullable=False),
    Column("seen", TIME, nullable=False),
    Column("expires", TIME, nullable=False),
    Column("ended", TIME),
    Column("how", String(10), nullable=False),  # link, key, openid
    Column("key", TOKEN, ForeignKey("keys.id"), index=True),
    Column("bound", DIGEST, nullable=False),  # of the host and the browser that it was made for
)

links = Table(
    "links",
    metadata,
    Column("id", TOKEN, primary_key=True),
    Column("person", NAME, ForeignKey("people.id"), index=True),  # none: the first administrator, not yet there
    Column("hash", DIGEST, nullable=False),
    Column("sealed", TOKEN, nullable=False),
    Column("created", TIME, nullable=False),
    Column("expires", TIME, nullable=False),
    Column("used", TIME),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(20), nullable=False),  # rules; others may be held to two pairs of eyes in the same way
    Column("content", DIGEST, nullable=False),  # of exactly what is proposed, which lies in `contents`
    Column("base", DIGEST),  # the content it was made from
    Column("version", DIGEST),  # of rules: the rule version, as decisions name it
    Column("title", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("emergency", Integer, nullable=False),
    Column("person", NAME, nullable=False),
    Column("time", TIME, nullable=False),
)

reports = Table(
    "reports",
    metadata,
    Column("id", ID, primary_key=True),
    Column("proposal", ID, ForeignKey("proposals.id"), nullable=False, index=True),
    Column("content", DIGEST, nullable=False),
    Column("base", DIGEST, nullable=False),
    Column("until", BigInteger, nullable=False),  # number of the last decision it speaks of
    Column("decisions", Integer, nullable=False),
    Column("flips", Integer, nullable=False),
    Column("laxer", Integer, nullable=False),  # flips that make some authority's answer milder, or cannot be compared
    Column("faults", Integer, nullable=False),
    Column("digest", DIGEST, nullable=False),  # of the report, which lies in `contents`
    Column("person", NAME, nullable=False),
    Column("time", TIME, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("proposal", ID, ForeignKey("proposals.id"), primary_key=True),
    Column("content", DIGEST, nullable=False),
    Column("report", ID, ForeignKey("reports.id")),
    Column("person", NAME, ForeignKey("people.id"), nullable=False),
    Column("time", TIME, nullable=False),
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("proposal", ID, ForeignKey("proposals.id"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("person", NAME, nullable=False),
    Column("time", TIME, nullable=False),
)

activations = Table(
    "activations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("proposal", ID, ForeignKey("proposals.id"), nullable=False, index=True),
    Column("version", DIGEST, ForeignKey("rule_versions.digest"), nullable=False),
    Column("at", TIME, nullable=False, index=True),  # from when on it is the law that is asked
    Column("person", NAME, nullable=False),
    Column("time", TIME, nullable=False),
)

portfolio = Table(
    "portfolio",
    metadata,
    Column("id", ID, primary_key=True),
    Column("time", TIME, nullable=False),
    Column("person", PERSON, nullable=False),
    Column("reference", String(200), nullable=False, index=True),  # one open entry has it
    Column("kind", String(20), nullable=False),  # transaction, party
    Column("stated", DIGEST, nullable=False),
    Column("owner", PERSON, nullable=False),  # whose its alerts are at first
)

portfolio_events = Table(
    "portfolio_events",
    metadata,
    Column("id", ID, primary_key=True),
    Column("time", TIME, nullable=False),
    Column("person", PERSON, nullable=False),
    Column("entry", ID, ForeignKey("portfolio.id"), nullable=False, unique=True),
    Column("event", String(20), nullable=False),  # closed, replaced
    Column("reason", Text, nullable=False),
)

portfolio_answers = Table(
    "portfolio_answers",
    metadata,
    Column("entry", ID, ForeignKey("portfolio.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("time", TIME, nullable=False),
    Column("moment", BigInteger, nullable=False),  # seconds of UTC: as of when it was asked
    Column("state", Text, nullable=False),  # what it was asked with, as JSON
    Column("told", Text, nullable=False),  # the answer in short, as JSON
    Column("decision", ID),  # none: of a party, or it could not be decided
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("time", TIME, nullable=False),
    Column("entry", ID, nullable=False, index=True),
    Column("seq", Integer, nullable=False),  # of the answer that is another than the one before
    Column("direction", String(20), nullable=False),
    Column("changed", Text, nullable=False),  # what is another, as JSON
    Column("causes", Text, nullable=False),  # why, as JSON
    Column("owner", PERSON, nullable=False),
    UniqueConstraint("entry", "seq", name="uq_alerts_answer"),
)

alert_events = Table(
    "alert_events",
    metadata,
    Column("id", ID, primary_key=True),  # of a closing: that of its proposal too
    Column("time", TIME, nullable=False),
    Column("person", PERSON, nullable=False),
    Column("alert", ID, ForeignKey("alerts.id"), nullable=False, index=True),
    Column("event", String(20), nullable=False),  # taken, closing
    Column("owner", PERSON),  # who has it from then on
    Column("reason", Text, nullable=False),
)

rounds = Table(
    "rounds",
    metadata,
    Column("id", ID, primary_key=True),
    Column("time", TIME, nullable=False),
    Column("moment", BigInteger, nullable=False),
    Column("after", BigInteger, nullable=False),  # the number of the entry of the chain that it began after
    Column("state", Text, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("what", String(20), primary_key=True),
    Column("holder", ID, nullable=False),
    Column("until", TIME, nullable=False),
)

hooks = Table(
    "hooks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("time", TIME, nullable=False),
    Column("person", PERSON, nullable=False),
    Column("url", Text, nullable=False),
    Column("ended", TIME),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("hook", ID, ForeignKey("hooks.id"), nullable=False),
    Column("alert", ID, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next", TIME, index=True),  # none: it was taken, or it is given up
    Column("said", Text, nullable=False),  # what came of the last try
)
