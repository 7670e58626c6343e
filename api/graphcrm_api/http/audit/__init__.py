"""The audit log: who did and saw what, and whether the record of it is whole."""
