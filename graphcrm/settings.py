"""Settings: from the environment (`GRAPHCRM_…`) or from `graphcrm.toml` in the working folder."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from graphcrm.errors import UsageError


class Settings(BaseSettings):
    """Everything that can be set once instead of at each command."""

    model_config = SettingsConfigDict(
        env_prefix="GRAPHCRM_", toml_file="graphcrm.toml", extra="forbid"
    )

    graph: str = Field(
        default="graphcrm.graph",
        description="The graph to use: a path, sqlite:///path, bolt://user@host:7687/database, "
        "or https://host:port of a service.",
    )
    graph_password: SecretStr | None = Field(
        default=None, description="The password for a graph on a server."
    )
    graph_password_file: Path | None = Field(
        default=None, description="A file that holds this password, in its first line."
    )
    cache: Path = Field(
        default=Path("~/.cache/graphcrm"),
        description="The folder for snapshots of graphs on servers.",
    )
    lang: Literal["en", "zh"] | None = Field(
        default=None, description="Language of texts: en or zh; by default that of the locale."
    )
    leave_days: int = Field(
        default=0,
        ge=0,
        description="An agent on leave leaves orphans after more than so many days.",
    )
    neighbourhood_limit: int = Field(
        default=500, ge=1, le=20_000, description="The most nodes a neighbourhood may have."
    )

    source_password: SecretStr | None = Field(
        default=None, description="The password for databases that are loaded from."
    )
    source_password_file: Path | None = Field(
        default=None, description="A file that holds this password, in its first line."
    )

    state: str | None = Field(
        default=None,
        description="The database for decisions and the service's state beside a graph on a "
        "server: sqlite:///path or postgresql://user@host:port/name.",
    )
    state_password: SecretStr | None = Field(
        default=None, description="The password for this database."
    )
    state_password_file: Path | None = Field(
        default=None, description="A file that holds this password, in its first line."
    )

    key: SecretStr | None = Field(
        default=None, description="The key (or token) with which a service is asked."
    )
    key_file: Path | None = Field(
        default=None, description="A file that holds this key, in its first line."
    )
    purpose: str | None = Field(
        default=None,
        description="What personal data are needed for: a service shows them with a purpose, "
        "where the key's role may see them, and keeps it in its audit log.",
    )
    service_ca_file: Path | None = Field(
        default=None,
        description="Certificates (PEM) of authorities that are trusted beside the machine's own.",
    )
    service_http: bool = Field(
        default=False,
        description="Whether a service on another machine is asked without encryption.",
    )
    service_timeout: float = Field(
        default=60.0, gt=0, description="Seconds that a service may take for an answer."
    )

    serve_host: str = Field(default="127.0.0.1", description="The address the service listens on.")
    serve_port: int = Field(default=8000, ge=0, le=65_535, description="The service's port.")
    oidc_issuer: str | None = Field(
        default=None, description="The identity provider whose tokens the service takes (OIDC)."
    )
    oidc_audience: str | None = Field(
        default=None, description="The audience that those tokens must be for."
    )
    oidc_keys_url: str | None = Field(
        default=None,
        description="Where the provider's keys are (JWKS); by default where its metadata say.",
    )
    oidc_roles_claim: str = Field(
        default="roles", description="The claim with a person's roles; a dot leads into a claim."
    )
    oidc_branches_claim: str = Field(
        default="branches",
        description="The claim with the ids of a person's branches; `*` is the whole company.",
    )
    cors_origins: list[str] = Field(
        default=[], description="Sites whose pages may use the service from a browser."
    )
    rate_limit: float = Field(
        default=100.0, gt=0, description="Requests per second that one identity may send."
    )
    lookup_limit: float = Field(
        default=60.0, gt=0, description="Look-ups of masked values per minute and identity."
    )
    search_limit: float = Field(
        default=600.0,
        gt=0,
        description="Searches by name an hour that one identity may do while it sees names masked.",
    )
    failure_limit: float = Field(
        default=30.0,
        gt=0,
        description="Failed identifications per minute that one network address may have.",
    )
    export_limit: int = Field(default=5_000_000, ge=1, description="The most rows of one export.")
    exports_each: int = Field(
        default=4, ge=1, description="Exports that one identity may have running at once."
    )
    exports_at_once: int = Field(default=16, ge=1, description="Exports that run at once in all.")
    stall_timeout: float = Field(
        default=30.0,
        gt=0,
        description="Seconds without a byte after which a request, or an answer that nobody "
        "reads, is ended.",
    )
    body_timeout: float = Field(
        default=60.0,
        gt=0,
        description="Seconds in which the body of a request, or its first MiB, must be here.",
    )
    upload_limit: int = Field(default=1 << 30, ge=1, description="The largest upload, in bytes.")
    upload_folder: Path | None = Field(
        default=None,
        description="Where uploads lie until they are loaded; by default beside the graph, or in "
        "the folder `cache` for one on a server.",
    )
    load_folders: list[Path] = Field(
        default=[], description="Folders below which the service may load files."
    )
    load_databases: dict[str, str] = Field(
        default={}, description="Databases that the service may load from: name and address."
    )
    webhook_hosts: list[str] = Field(
        default=[], description="Hosts (`host` or `host:port`) that webhooks may call."
    )
    webhook_private: bool = Field(
        default=False,
        description="Whether webhooks may call private addresses, and without encryption.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes before the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def settings() -> Settings:
    """The settings in force. Raises UsageError that names each wrong one."""
    try:
        return Settings()
    except ValidationError as error:
        raise UsageError(
            "\n".join(
                f"the setting {'.'.join(map(str, item['loc']))} is wrong: {item['msg']}"
                for item in error.errors()
            )
        ) from None


def secret(name: Literal["graph", "source", "state"]) -> str | None:
    """The password for graphs, sources or state. UsageError where its file can't be read."""
    found = settings()
    return _first_line(getattr(found, f"{name}_password"), getattr(found, f"{name}_password_file"))


def service_key() -> str | None:
    """The key with which a service is asked. UsageError where its file can't be read."""
    found = settings()
    return _first_line(found.key, found.key_file)


def _first_line(given: SecretStr | None, file: Path | None) -> str | None:
    if given is not None:
        return given.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").split("\n", 1)[0].strip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: can't be read ({error})") from None
