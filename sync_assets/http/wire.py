"""One request and its reply over HTTP: bounded in time and bytes, no redirect followed, nothing read of the machine.

The only room that knows requests. Not here: what is asked, and what happens after a reply or without one (client.py).
"""

import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import requests
from urllib3.util.ssl_match_hostname import CertificateError

from sync_assets.http.carried import without_carried
from sync_assets.http.deadline import Deadline, punctual_session
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError, NoReplyError, UnreachableError

CONNECT_S, READ_S = 10, 60
"""Seconds to connect, and between two bytes."""

BODY_MAX = 64 * 1024 * 1024
"""Bytes of one decompressed reply; the largest documented page is far smaller, a bomb is far larger."""

_UNTRUSTED = (ssl.SSLCertVerificationError, CertificateError)
"""What says that the other side is not who it should be; every other trouble with encryption may pass."""

Sign = Callable[[requests.PreparedRequest], requests.PreparedRequest]


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """A request that carries what it was made with: a login."""
    return request


@dataclass(frozen=True, kw_only=True)
class Wire:
    """Connections to one system, kept open between requests."""

    session: requests.Session = field(default_factory=punctual_session, repr=False)

    def send(
        self, system: str, what: tuple[str, str], parts: Mapping[str, Any], *, sign: Sign = _unsigned, total_s: float
    ) -> Reply:
        """The reply to a request, sent once: `what` are its method and URL, `parts` its params, headers and body.

        Raises:
            NoReplyError: no whole reply came; another try may help.
            UnreachableError: the certificate cannot be verified.
            ContractError: the reply is too long, or is no HTTP.
        """
        method, url = what
        request = sign(self.session.prepare_request(requests.Request(method, url, **parts)))
        try:
            with (
                Deadline(total_s) as deadline,
                self.session.send(
                    request, stream=True, allow_redirects=False, timeout=(CONNECT_S, READ_S), proxies={}
                ) as response,
            ):
                body = _bounded_body(response, system, deadline)
                headers = {name.lower(): value for name, value in response.headers.items()}
                reply = Reply(status=response.status_code, headers=headers, body=body, url=url)
                return reply if response.ok else _discreet(reply, request)
        except requests.exceptions.SSLError as error:
            if any(isinstance(one, _UNTRUSTED) for one in _behind(error)):
                raise UnreachableError(f"The certificate of {system} cannot be verified.") from None
            raise NoReplyError("the encrypted connection broke off") from error
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            raise NoReplyError(_plain(error)) from error
        except requests.exceptions.ContentDecodingError as error:
            raise ContractError(f"{system}: a reply is not compressed as it says.", reason="encoding") from error
        except requests.RequestException as error:
            raise ContractError(f"{system}: {_plain(error)}") from error


def _bounded_body(response: requests.Response, system: str, deadline: Deadline) -> bytes:
    """The whole body; a cut or slow one raises a connection error, one that is too long stops the run."""
    size, chunks = 0, []
    for chunk in response.iter_content(256 * 1024):
        size += len(chunk)
        if size > BODY_MAX:
            raise ContractError(f"{system} sent more than {BODY_MAX >> 20} MB in one reply.", reason="too_large")
        chunks.append(chunk)
    if deadline.has_passed:
        raise requests.Timeout("the reply took too long")
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _discreet(reply: Reply, request: requests.PreparedRequest) -> Reply:
    """A refusal that repeats none of its request's credentials, before anybody quotes it in part."""
    headers = {name: without_carried(value, request) for name, value in reply.headers.items()}
    body = without_carried(reply.body.decode("utf-8", "surrogateescape"), request)
    return replace(reply, headers=headers, body=body.encode("utf-8", "surrogateescape"))


def _behind(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it was raised after: each library wraps those of the one below."""
    behind: BaseException | None = error
    while behind is not None:
        yield behind
        behind = behind.__cause__ or behind.__context__


def _plain(error: BaseException) -> str:
    """The kind of a transport error without the URL, which may hold personal values."""
    return {"ConnectionError": "no connection", "ReadTimeout": "no answer in time"}.get(
        type(error).__name__, type(error).__name__
    )
