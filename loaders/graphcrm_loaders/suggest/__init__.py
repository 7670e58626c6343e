"""Proposing a mapping for unknown files, by what their headers say and their values look like."""

from graphcrm_loaders.suggest.suggest import Suggestion, suggest_mapping

__all__ = ["Suggestion", "suggest_mapping"]
