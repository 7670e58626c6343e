"""The service: an HTTP API over one graph, with identities, branches, masking and a memory."""

from graphcrm_api.http.app import create_app

__all__ = ["create_app"]
