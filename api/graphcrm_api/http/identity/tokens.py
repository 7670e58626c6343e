"""Bearer tokens of the company's identity provider (OpenID Connect)."""

from __future__ import annotations

import json
import ssl
import threading
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from graphcrm.errors import UsageError
from graphcrm.settings import Settings
from graphcrm_api.http.identity.subject import Subject

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures with a public key alone: a token can't be signed with what everybody knows."""

_KEPT_SECONDS = 600.0
_NOT_AGAIN_WITHIN = 30.0
"""A token with an unknown key is no reason to ask the issuer more often than this."""

_PATIENCE = 5.0
_LEEWAY = 30
_WHOLE = "*"


@dataclass(frozen=True)
class Claims:
    """The names of the claims that hold the roles and the branches of a person."""

    roles: str
    branches: str


class Tokens:
    """Whom the tokens of one issuer belong to. The issuer's keys are kept, and asked for anew."""

    def __init__(self, issuer: str, audience: str, keys_url: str | None, claims: Claims) -> None:
        """Tokens of an issuer for an audience; nothing is asked for yet."""
        self._issuer, self._audience, self._keys_url = issuer, audience, keys_url
        self._claims = claims
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._asked = -_KEPT_SECONDS
        self._guard = threading.Lock()

    @classmethod
    def of(cls, settings: Settings) -> Tokens | None:
        """As set; None where no issuer is. UsageError where the audience lacks."""
        if not settings.oidc_issuer:
            return None
        if not settings.oidc_audience:
            raise UsageError("the setting oidc_issuer needs oidc_audience beside it")
        claims = Claims(settings.oidc_roles_claim, settings.oidc_branches_claim)
        return cls(settings.oidc_issuer, settings.oidc_audience, settings.oidc_keys_url, claims)

    def subject(self, token: str) -> Subject | None:
        """Whom a token belongs to; None for one that is not valid."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in _ALGORITHMS:
                return None
            key = self._key(header.get("kid"))
            if key is None or key.algorithm_name not in (None, header["alg"]):
                return None
            content = jwt.decode(
                token,
                key.key,
                algorithms=[header["alg"]],
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError:
            return None
        return self._subject_of(content)

    def _subject_of(self, content: Mapping[str, Any]) -> Subject:
        roles = frozenset(_listed(_at(content, self._claims.roles)))
        branches = frozenset(_listed(_at(content, self._claims.branches)))
        limited = None if _WHOLE in branches else branches
        name = f"{self._issuer}|{content['sub']}"
        return Subject.of_roles(name, f"oidc:{self._issuer}", roles, limited)

    def _key(self, kid: str | None) -> jwt.PyJWK | None:
        """The issuer's key of an id; one that is new is asked for, as keys are changed at times.

        While one thread asks, the others go by the keys of before; they wait only for the first.
        """
        if self._must_ask(kid) and self._guard.acquire(blocking=not self._keys):
            try:
                if self._must_ask(kid):  # another thread may just have asked
                    found = self._ask()
                    self._keys = self._keys if found is None else found
                    self._asked = time.monotonic()
            finally:
                self._guard.release()
        return self._keys.get(kid)

    def _must_ask(self, kid: str | None) -> bool:
        age = time.monotonic() - self._asked
        return age > _KEPT_SECONDS or (kid not in self._keys and age > _NOT_AGAIN_WITHIN)

    def _ask(self) -> dict[str | None, jwt.PyJWK] | None:
        """The issuer's present keys; None where it can't be reached, and the old ones serve on."""
        try:
            url = self._keys_url or str(
                _fetched(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")["jwks_uri"]
            )
            given = _fetched(url)["keys"]
            return {key.key_id: key for key in map(_read_key, given) if key is not None}
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _read_key(given: Any) -> jwt.PyJWK | None:
    """A key for signatures; None for one of another use or kind."""
    if not isinstance(given, dict) or given.get("use", "sig") != "sig" or given.get("kty") == "oct":
        return None
    try:
        return jwt.PyJWK(given)
    except jwt.PyJWTError:
        return None


def _fetched(url: str) -> dict[str, Any]:
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url}: not a web address")
    context = ssl.create_default_context() if url.startswith("https:") else None
    with urllib.request.urlopen(url, timeout=_PATIENCE, context=context) as answer:
        found = json.load(answer)
    if not isinstance(found, dict):
        raise ValueError(f"{url}: not an object")
    return found


def _at(content: Mapping[str, Any], path: str) -> Any:
    """A claim, of a claim within another where the path has dots."""
    found: Any = content
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _listed(claim: Any) -> list[str]:
    if isinstance(claim, str):
        return claim.split()
    return [item for item in claim if isinstance(item, str)] if isinstance(claim, list) else []
