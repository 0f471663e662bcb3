"""How Salesforce is convinced of who we are: client credentials or a signed JWT, each exchanged for a session.

Belongs here: the two token requests and their refusals. Not here: what is asked afterwards.
"""

import re
import time
from ipaddress import ip_address
from socket import inet_aton
from urllib.parse import urlsplit

from sync_assets.connect.settings import Settings
from sync_assets.http.auth import Token, refused
from sync_assets.http.client import login_reply
from sync_assets.http.origin import checked_base, origin
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError, RetryLaterError, SettingError, UnreachableError

LOGIN_PATH = "/services/oauth2/token"

ASSERTION_LIFE_S = 150
"""Salesforce accepts assertions that expire within three minutes; the rest is room for a slow clock."""

_IDENTITY = re.compile(r"/id/(00D[0-9A-Za-z]{12})(?:[0-9A-Za-z]{3})?/")
_PRODUCTION, _SANDBOX = "https://login.salesforce.com", "https://test.salesforce.com"


def fetch_token(settings: Settings) -> Token:
    """A new session and the base URL of its data.

    Raises:
        UnreachableError: the login was refused; the sentence names the settings to look at.
        RetryLaterError: the login host is busy.
        SettingError: the private key cannot sign.
    """
    reply = _by_secret(settings) if "CLIENT_SECRET" in settings.chosen else _by_assertion(settings)
    if reply.status == 429 or reply.status >= 500:
        raise RetryLaterError(f"The login of Salesforce answers HTTP {reply.status}; the next run tries again.")
    answer = _answer(reply)
    session = answer.get("access_token")
    if reply.status != 200 or not isinstance(session, str):
        raise _refusal(settings, answer)
    return Token(
        access_token=session,
        base_url=_data_url(answer.get("instance_url"), settings.url),
        account=_org(answer.get("id")),
    )


def _org(identity: object) -> str:
    """The id of the org, without what the longer form adds to it; empty where none is named.

    Source: help.salesforce.com "Identity URLs" (`https://login.salesforce.com/id/<org>/<user>`).
    """
    named = _IDENTITY.search(identity) if isinstance(identity, str) else None
    return named[1] if named else ""


def _by_secret(settings: Settings) -> Reply:
    """Client credentials in the Authorization header; once more in the form for a host that reads only that.

    Such a host sees no client at all and says so in words of its own, so any refusal is answered that way, once.

    Source: help.salesforce.com "OAuth 2.0 Client Credentials Flow" (either place is accepted).
    """
    key, secret = settings["CLIENT_ID"], settings["CLIENT_SECRET"]
    form = {"grant_type": "client_credentials"}
    reply = login_reply("Salesforce", settings.url + LOGIN_PATH, form, auth=(key, secret))
    if reply.status in (400, 401):
        form |= {"client_id": key, "client_secret": secret}
        return login_reply("Salesforce", settings.url + LOGIN_PATH, form)
    return reply


def _by_assertion(settings: Settings) -> Reply:
    """A signed assertion; a host that is not Salesforce's own may know itself by either name.

    Source: help.salesforce.com "OAuth 2.0 JWT Bearer Flow" (audience: login or test host, RS256).
    """
    first, *others = audiences(settings.url)
    reply = _send_assertion(settings, first)
    for audience in others:
        if reply.status not in (400, 401):
            break
        reply = _send_assertion(settings, audience)
    return reply


def _send_assertion(settings: Settings, audience: str) -> Reply:
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": _assertion(settings, audience),
    }
    return login_reply("Salesforce", settings.url + LOGIN_PATH, form)


def audiences(url: str) -> tuple[str, ...]:
    """Whom the assertion addresses: the login host of production or sandboxes; elsewhere the host itself first."""
    host = urlsplit(url).hostname or ""
    if not host.endswith(".salesforce.com"):
        return url, _PRODUCTION
    return (_SANDBOX if ".sandbox." in host or host.startswith("test.") else _PRODUCTION,)


def _assertion(settings: Settings, audience: str) -> str:
    import jwt

    claims = {
        "iss": settings["CLIENT_ID"],
        "sub": settings["USERNAME"],
        "aud": audience,
        "exp": int(time.time()) + ASSERTION_LIFE_S,
    }
    try:
        return jwt.encode(claims, settings.private_key(), algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError):
        raise SettingError(f"{settings.full_name('PRIVATE_KEY')} is not an RSA private key.") from None


def _answer(reply: Reply) -> dict[str, object]:
    """The token endpoint's JSON object; an empty one for anything else."""
    try:
        answer = reply.json()
    except ContractError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(settings: Settings, answer: dict[str, object]) -> UnreachableError:
    """The error of a refused login, with the vendor's own words, which hold no secret."""
    names = " and ".join(settings.full_name(name) for name in settings.chosen)
    said = str(answer.get("error_description") or answer.get("error") or "")[:120]
    if not said:
        return UnreachableError(
            f"{settings.url}{LOGIN_PATH} is no Salesforce login; check {settings.full_name('URL')} (the My Domain URL)."
        )
    return UnreachableError(f"{refused('Salesforce', names)} Salesforce says: {said}.")


def _data_url(named: object, configured: str) -> str | None:
    """The base of data requests: https, or http on loopback; ContractError for anything else.

    A login in the public network names nobody in ours, and one over https no plain http: a session sent there would
    reach whatever listens.
    """
    if not isinstance(named, str) or not named:
        return None
    try:
        base = checked_base(named, "instance_url")
    except SettingError as error:
        raise ContractError(f"The login of Salesforce points elsewhere: {error}") from None
    (scheme, host, _), (scheme_configured, host_configured, _) = origin(base), origin(configured)
    if scheme != "https" and scheme_configured == "https":
        raise ContractError("The login of Salesforce points from https to plain http; it was not followed.")
    if _is_inside(host) and not _is_inside(host_configured):
        raise ContractError("The login of Salesforce points into a private network; it was not followed.")
    return base


def _is_inside(host: str) -> bool:
    """Whether a host is named as one that the public network does not reach: loopback, private, link-local, reserved.

    Addresses count in every form that a resolver takes, 2852039166 and 0x7f.1 as well. What a public name resolves to
    is not looked up. Source: RFC 6890 (special-purpose addresses), RFC 6761 (localhost).
    """
    name = host.rstrip(".")
    try:
        address = ip_address(name)
    except ValueError:
        try:
            address = ip_address(inet_aton(name))
        except OSError:
            return name.rpartition(".")[2] == "localhost"
    return not (getattr(address, "ipv4_mapped", None) or address).is_global
