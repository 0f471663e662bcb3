"""What distinguishes this NetSuite account from another: its number, zone, date format, credentials and quirks.

Belongs here: settings of the account, made from the seed. Nothing that happens in it.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(kw_only=True)
class Quirks:
    """Oddities of this account that a test may turn on, and one that is on because every account has it."""

    unstable_order: bool = True
    """Rows that an ORDER BY leaves tied come in another order at every request."""
    lines_leave_header: bool = False
    """A changed line or a payment application does not touch its transaction's last modified date."""
    concurrency_limit: int | None = None
    """Requests answered at the same time; one more is refused with 429 and no Retry-After."""
    limit_code: str = "CONCURRENCY_LIMIT_EXCEEDED"
    """The error code of that refusal; integrators also report SSS_REQUEST_LIMIT_EXCEEDED."""
    page_rows_max: int = 1000
    """A page of a query holds at most so many rows, whatever the client asked for."""
    query_seconds: float = 0.0
    """How long every query takes."""
    token_seconds: int = 3600
    """How long an access token works; below zero it is refused at once although the reply promised an hour."""
    hidden_columns: frozenset[str] = frozenset()
    """`table.column` names that this account's role or features do not expose."""
    hidden_tables: frozenset[str] = frozenset()
    """Tables the role may not read, e.g. `deletedrecord` without its permission."""


@dataclass(kw_only=True)
class Account:
    """The account's own settings and the secrets of its two integrations; everything follows from the seed."""

    seed: int = 0
    time_zone: str = "America/Los_Angeles"
    date_format: str = "M/D/YYYY"
    quirks: Quirks = field(default_factory=Quirks)

    @property
    def zone(self) -> ZoneInfo:
        """The zone every stamp is rendered in."""
        return ZoneInfo(self.time_zone)

    @property
    def number(self) -> str:
        """The account id as the vendor shows it, e.g. `7000001_SB1`: the realm of a token-based login."""
        return f"{7_000_000 + self.seed % 1_000_000}_SB1"

    def secret(self, name: str, length: int = 32) -> str:
        """A made-up credential of this sandbox, readable as such."""
        return f"sandbox-{name}-{sha256(f'netsuite:{self.seed}:{name}'.encode()).hexdigest()[:length]}"

    @property
    def certificate_id(self) -> str:
        """The id NetSuite gave to the uploaded certificate: the `kid` of an assertion."""
        return self.secret("certificate", 16)

    def private_key(self) -> ec.EllipticCurvePrivateKey:
        """The key of the mapped certificate (P-256), the same for the same seed."""
        number = int(sha256(f"netsuite:{self.seed}:key".encode()).hexdigest(), 16)
        return ec.derive_private_key(number % (_P256_ORDER - 1) + 1, ec.SECP256R1())

    def private_key_pem(self) -> str:
        """That key as an unencrypted PKCS 8 PEM, as a client would hold it."""
        return (
            self.private_key()
            .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            .decode()
        )

    def settings(self, url: str) -> dict[str, str]:
        """The client's settings for the OAuth 2 login."""
        return {
            "SYNC_NETSUITE_URL": url,
            "SYNC_NETSUITE_ACCOUNT": self.number,
            "SYNC_NETSUITE_CLIENT_ID": self.secret("client"),
            "SYNC_NETSUITE_CERTIFICATE_ID": self.certificate_id,
            "SYNC_NETSUITE_PRIVATE_KEY": self.private_key_pem(),
        }

    def token_settings(self, url: str) -> dict[str, str]:
        """The client's settings for the token-based login (OAuth 1.0a)."""
        names = {"CONSUMER_KEY": "consumer", "CONSUMER_SECRET": "consumer-secret"}
        names |= {"TOKEN_ID": "token", "TOKEN_SECRET": "token-secret"}
        credentials = {f"SYNC_NETSUITE_{name}": self.secret(word) for name, word in names.items()}
        return {"SYNC_NETSUITE_URL": url, "SYNC_NETSUITE_ACCOUNT": self.number, **credentials}
