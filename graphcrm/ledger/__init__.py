"""The relational database beside a graph: what was decided, who looked at what, and the service's.

`Database` opens it; a module each for decisions, audit log, idempotency keys, API keys, jobs,
messages and webhooks has functions that work within one of its transactions.
"""

from graphcrm.ledger.address import ledger_url, state_url
from graphcrm.ledger.backup import back_up_state
from graphcrm.ledger.chain import Verification
from graphcrm.ledger.database import Database, NoLedgerError

__all__ = ["Database", "NoLedgerError", "Verification", "back_up_state", "ledger_url", "state_url"]
