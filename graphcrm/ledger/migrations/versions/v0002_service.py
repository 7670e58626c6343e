"""Messages with webhooks and their deliveries, idempotency keys, API keys, jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, required: bool = True) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=not required)


def _number(name: str, *, required: bool = True) -> sa.Column[int]:
    return sa.Column(name, _NUMBER, nullable=not required)


def upgrade() -> None:
    """Make the tables of the service."""
    _make_messages()
    _make_keys()
    _make_jobs()


def _make_messages() -> None:
    op.create_table(
        "ledger_message",
        sa.Column("seq", _NUMBER, primary_key=True, autoincrement=False),
        _text("at"),
        _text("event"),
        _text("payload"),
        _text("decision", required=False),
    )
    op.create_table(
        "ledger_webhook",
        sa.Column("id", _TEXT, primary_key=True),
        _text("url"),
        _text("events"),
        _text("secret"),
        _text("created_at"),
        _text("created_by"),
        _number("active"),
    )
    op.create_table(
        "ledger_delivery",
        sa.Column("message", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("webhook", _TEXT, primary_key=True),
        _text("state"),
        _number("attempts"),
        _text("next_at"),
        _number("status", required=False),
        _text("error", required=False),
    )
    op.create_index("ledger_delivery_due", "ledger_delivery", ["state", "next_at"])
    op.create_table("ledger_mark", sa.Column("name", _TEXT, primary_key=True), _number("seq"))


def _make_keys() -> None:
    op.create_table(
        "ledger_idempotency",
        sa.Column("who", _TEXT, primary_key=True),
        sa.Column("name", _TEXT, primary_key=True),
        _text("fingerprint"),
        _text("claimed_at"),
        _text("lease_until"),
        _number("status", required=False),
        _text("headers", required=False),
        sa.Column("body", sa.LargeBinary, nullable=True),
    )
    op.create_index("ledger_idempotency_age", "ledger_idempotency", ["claimed_at"])
    op.create_table(
        "ledger_key",
        sa.Column("prefix", _TEXT, primary_key=True),
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


def _make_jobs() -> None:
    op.create_table(
        "ledger_job",
        sa.Column("seq", _NUMBER, primary_key=True),
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
    )
    op.create_index("ledger_job_id", "ledger_job", ["id"], unique=True)
    op.create_index("ledger_job_state", "ledger_job", ["state", "seq"])
    op.create_index("ledger_job_by", "ledger_job", ["requested_by", "seq"])
