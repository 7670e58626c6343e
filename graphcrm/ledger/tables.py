"""The tables of a ledger, as the present schema has them.

All names begin with `ledger_`: an embedded graph has them in its own file, among its own tables.
JSON is kept as text, since hashes are over it. A change here needs a step in `migrations/versions`.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

METADATA = sa.MetaData()

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text in the order of its characters, whatever the server's language."""

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, required: bool = True) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=not required)


def _number(name: str, *, required: bool = True) -> sa.Column[int]:
    return sa.Column(name, NUMBER, nullable=not required)


AUDIT = sa.Table(
    "ledger_audit",
    METADATA,
    sa.Column("seq", NUMBER, primary_key=True, autoincrement=False),
    _text("at"),
    _text("who"),
    _text("via"),
    _text("action"),
    _text("resource"),
    _text("outcome"),
    _text("purpose", required=False),
    _text("detail", required=False),
    _text("request_id", required=False),
    _text("hash"),
)

DECISION = sa.Table(
    "ledger_decision",
    METADATA,
    sa.Column("seq", NUMBER, primary_key=True, autoincrement=False),
    _text("id"),
    _text("at"),
    _text("kind"),
    _text("subject_label", required=False),
    _text("subject_id", required=False),
    _text("payload"),
    _text("made_by"),
    _text("reason", required=False),
    _text("effects"),
    _text("corrects", required=False),
    _text("trace", required=False),
    _text("request_id", required=False),
    _text("hash"),
    sa.Index("ledger_decision_id", "id", unique=True),
    sa.Index("ledger_decision_subject", "subject_label", "subject_id", "seq"),
    sa.Index("ledger_decision_corrects", "corrects"),
)

MESSAGE = sa.Table(
    "ledger_message",
    METADATA,
    sa.Column("seq", NUMBER, primary_key=True, autoincrement=False),
    _text("at"),
    _text("event"),
    _text("payload"),
    _text("decision", required=False),
)

IDEMPOTENCY = sa.Table(
    "ledger_idempotency",
    METADATA,
    sa.Column("who", TEXT, primary_key=True),
    sa.Column("name", TEXT, primary_key=True),
    _text("fingerprint"),
    _text("claimed_at"),
    _text("lease_until"),
    _number("status", required=False),
    _text("headers", required=False),
    sa.Column("body", sa.LargeBinary, nullable=True),
    sa.Index("ledger_idempotency_age", "claimed_at"),
)

KEY = sa.Table(
    "ledger_key",
    METADATA,
    sa.Column("prefix", TEXT, primary_key=True),
    _text("secret_hash"),
    _text("name"),
    _text("roles"),
    _text("branches", required=False),
    _text("expires_on", required=False),
    _text("created_at"),
    _text("created_by"),
    _text("used_at", required=False),
    _text("revoked_at", required=False),
    _text("revoked_by", required=False),
)

JOB = sa.Table(
    "ledger_job",
    METADATA,
    sa.Column("seq", NUMBER, primary_key=True),
    _text("id"),
    _text("kind"),
    _text("request"),
    _text("requested_by"),
    _text("branches", required=False),
    _text("state"),
    _number("resumable"),
    _text("progress", required=False),
    _text("result", required=False),
    _text("error", required=False),
    _text("created_at"),
    _text("started_at", required=False),
    _text("finished_at", required=False),
    _text("lease_by", required=False),
    _text("lease_until", required=False),
    _text("cancel_by", required=False),
    _number("attempts"),
    sa.Index("ledger_job_id", "id", unique=True),
    sa.Index("ledger_job_state", "state", "seq"),
    sa.Index("ledger_job_by", "requested_by", "seq"),
)

WEBHOOK = sa.Table(
    "ledger_webhook",
    METADATA,
    sa.Column("id", TEXT, primary_key=True),
    _text("url"),
    _text("events"),
    _text("secret"),
    _text("created_at"),
    _text("created_by"),
    _number("active"),
)

DELIVERY = sa.Table(
    "ledger_delivery",
    METADATA,
    sa.Column("message", NUMBER, primary_key=True, autoincrement=False),
    sa.Column("webhook", TEXT, primary_key=True),
    _text("state"),
    _number("attempts"),
    _text("next_at"),
    _number("status", required=False),
    _text("error", required=False),
    sa.Index("ledger_delivery_due", "state", "next_at"),
)

MARK = sa.Table(
    "ledger_mark",
    METADATA,
    sa.Column("name", TEXT, primary_key=True),
    _number("seq"),
)
