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
        description="The graph to use: a path, sqlite:///path or bolt://user@host:7687/database.",
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


def secret(name: Literal["graph", "source"]) -> str | None:
    """The password for graphs or for sources. Raises UsageError where its file can't be read."""
    found = settings()
    given: SecretStr | None = getattr(found, f"{name}_password")
    file: Path | None = getattr(found, f"{name}_password_file")
    if given is not None:
        return given.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").split("\n", 1)[0].strip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: can't be read ({error})") from None
