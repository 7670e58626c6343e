"""The two chains: audit log and decisions. Databases refuse to change or remove their entries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_ON_SQLITE = (
    """CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
    BEGIN SELECT RAISE(ABORT, '{table}: entries are never changed'); END""",
    """CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
    BEGIN SELECT RAISE(ABORT, '{table}: entries are never removed'); END""",
    # INSERT OR REPLACE would remove an entry without a word to the trigger above
    """CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
    WHEN NEW.seq <= (SELECT max(seq) FROM {table})
    BEGIN SELECT RAISE(ABORT, '{table}: entries are only added at the end'); END""",
)
_FUNCTION = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: entries are never changed or removed', TG_TABLE_NAME;
END $$
"""
_ON_POSTGRESQL = (
    """CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse()""",
    """CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
)


def _text(name: str, *, required: bool = True) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=not required)


def upgrade() -> None:
    """Make both tables and what guards them."""
    op.create_table(
        "ledger_audit",
        sa.Column("seq", _NUMBER, primary_key=True, autoincrement=False),
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
    op.create_table(
        "ledger_decision",
        sa.Column("seq", _NUMBER, primary_key=True, autoincrement=False),
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
    )
    op.create_index("ledger_decision_id", "ledger_decision", ["id"], unique=True)
    subject = ["subject_label", "subject_id", "seq"]
    op.create_index("ledger_decision_subject", "ledger_decision", subject)
    op.create_index("ledger_decision_corrects", "ledger_decision", ["corrects"])
    on_server = op.get_bind().dialect.name == "postgresql"
    if on_server:
        op.execute(_FUNCTION)
    for table in ("ledger_audit", "ledger_decision"):
        for trigger in _ON_POSTGRESQL if on_server else _ON_SQLITE:
            op.execute(trigger.format(table=table))
