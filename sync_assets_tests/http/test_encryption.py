"""Encrypted connections: one that breaks off is tried again, one to a stranger is refused at once."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sync_assets.http.auth import Bearer
from sync_assets.http.client import ATTEMPTS_MAX, Client
from sync_assets.model.errors import RetryLaterError, UnreachableError


@contextmanager
def _listening(meet: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[int]]]:
    """A port that treats each connection with `meet`; its URL, and a list that grows with every connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    met: list[int] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                met.append(len(met))
                with connection, suppress(OSError):
                    meet(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", met
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _client(url: str) -> Client:
    return Client(system="acme", base_url=url, auth=Bearer(token="t"), sleep=lambda _s: None)


def _cut_handshake(connection: socket.socket) -> None:
    connection.recv(4096)


@pytest.fixture
def stranger(tmp_path: Path) -> ssl.SSLContext:
    """The server's side of a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "stranger.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_a_handshake_that_is_cut_is_tried_again_and_then_left_for_the_next_run() -> None:
    with _listening(_cut_handshake) as (url, met), pytest.raises(RetryLaterError, match="encrypted connection"):
        _client(url).get("/list")
    assert len(met) == ATTEMPTS_MAX


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(stranger: ssl.SSLContext) -> None:
    def meet(connection: socket.socket) -> None:
        stranger.wrap_socket(connection, server_side=True).close()

    with _listening(meet) as (url, met), pytest.raises(UnreachableError, match="certificate of acme"):
        _client(url).get("/list")
    assert len(met) == 1
