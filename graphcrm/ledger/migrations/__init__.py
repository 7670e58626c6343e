"""The steps from each schema of a ledger to the next, taken by Alembic."""
