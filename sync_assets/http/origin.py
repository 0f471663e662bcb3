"""Where requests may go: only to the origin that was configured, or that an authenticated login named."""

from urllib.parse import urljoin, urlsplit

from sync_assets.model.errors import ContractError, SettingError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL; ContractError for one that cannot be read or carries a user."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise ContractError("A link in a reply cannot be read; it was not followed.") from None
    if parts.username is not None or parts.password is not None or "\\" in url or any(ord(sign) < 33 for sign in url):
        raise ContractError("A link in a reply carries credentials or control characters; it was not followed.")
    return parts.scheme, (parts.hostname or "").lower(), port


def checked_base(url: str, setting: str) -> str:
    """A base URL without its closing slash; SettingError unless it is https, or http on a loopback address."""
    try:
        scheme, host, _ = origin(url)
    except ContractError:
        raise SettingError(f"{setting} is not a URL such as https://example.com.") from None
    if not host or scheme not in _PORTS:
        raise SettingError(f"{setting} is not a URL such as https://example.com.")
    if scheme == "http" and host not in _LOOPBACK:
        raise SettingError(f"{setting} must start with https:// (plain http is accepted for loopback addresses only).")
    return url.rstrip("/")


def same_origin(base: str, target: str) -> str:
    """The absolute URL of a path or link below `base`; ContractError if it would leave the base's origin."""
    url = target if "://" in target or target.startswith("//") else base.rstrip("/") + "/" + target.lstrip("/")
    url = urljoin(base, url)
    if origin(url) != origin(base):
        raise ContractError("A reply points to another host; the link was not followed and no credentials were sent.")
    return url
