"""Settings of systems, read from the environment once: which system is configured, with which credentials.

Secrets stay in `Settings` and are never shown. Names are those of the interfaces page of the documentation.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sync_assets.http.origin import checked_base
from sync_assets.model.errors import SettingError


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one system needs to be talked to. `chosen` is the credential set in use."""

    system: str
    url: str
    chosen: tuple[str, ...]
    values: Mapping[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        """A setting's value, by its name without prefix; SettingError when it is empty."""
        value = self.values.get(name, "")
        if not value:
            raise SettingError(
                f"{self.full_name(name)} is missing; set it or remove the other settings of {self.system}."
            )
        return value

    def get(self, name: str, default: str = "") -> str:
        """A setting's value, or the default when it is not set."""
        return self.values.get(name) or default

    def full_name(self, name: str) -> str:
        """The name of the environment variable of a setting."""
        return f"SYNC_{self.system.upper()}_{name}"

    def private_key(self) -> str:
        """The PEM text of PRIVATE_KEY, which may be the text itself or a path to a file with it."""
        value = self["PRIVATE_KEY"]
        if "-----BEGIN" in value:
            return value.replace("\\n", "\n")
        try:
            return Path(value).expanduser().read_text(encoding="ascii")
        except (OSError, ValueError):
            raise SettingError(
                f"{self.full_name('PRIVATE_KEY')} is neither a PEM text nor a readable PEM file."
            ) from None

    def whole_number(self, name: str, default: int) -> int:
        """A positive whole number; SettingError for anything else."""
        text = self.get(name, str(default))
        if not text.isdigit() or int(text) == 0:
            raise SettingError(f"{self.full_name(name)} must be a positive whole number, not {text[:20]!r}.")
        return int(text)


def read_settings(
    system: str,
    credentials: Sequence[tuple[str, ...]],
    optional: Mapping[str, str],
    environment: Mapping[str, str] | None = None,
) -> Settings | None:
    """The settings of a system; None when it is not configured at all.

    Raises:
        SettingError: half of a system is configured; the sentence names what is missing.
    """
    environment = os.environ if environment is None else environment
    prefix = f"SYNC_{system.upper()}_"
    values = {name.removeprefix(prefix): text.strip() for name, text in environment.items() if name.startswith(prefix)}
    values = {name: text for name, text in values.items() if text}
    secrets = {name for group in credentials for name in group}
    given = secrets & values.keys()
    if not given and "URL" not in values:
        return None
    values = {**optional, **values}
    chosen = next((group for group in credentials if all(values.get(name) for name in group)), None)
    if chosen is None or "URL" not in values:
        begun = chosen or max(credentials, key=lambda group: (_had(group, given), -len(group)))
        missing = ", ".join(prefix + name for name in ("URL", *begun) if not values.get(name))
        raise SettingError(f"{system} is half configured: {missing} is missing.")
    url = checked_base(values["URL"], prefix + "URL")
    return Settings(system=system, url=url, chosen=tuple(chosen), values=values)


def _had(group: Sequence[str], given: Collection[str]) -> int:
    """How many of a set of credentials are given."""
    return sum(name in given for name in group)
