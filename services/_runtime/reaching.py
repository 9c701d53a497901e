"""How PostgreSQL, Kafka, the issuer and a collector of traces are reached: by TLS, in plain text only here or where it is said.

An address is everything that a client needs. Nothing is negotiated: a server that does not speak TLS, or whose certificate is not of
the CA or not for its name, is refused, and never spoken to in plain text instead.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

KAFKA_FORMS = (
    "host:port[,host:port] on this machine, ssl://[user@]host:port[,host:port]?ca=FILE[&certificate=FILE&key=FILE][&password_file=FILE]"
    " elsewhere, plaintext://host:port[,host:port] on a network that nobody else is on"
)
"""What an address of Kafka looks like."""

_MECHANISM = "SCRAM-SHA-512"
_PORTS = range(1, 65536)


class AddressRefused(ValueError):
    """An address that would send data in plain text without saying so, or that cannot be understood. Never quotes a password."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Kafka cluster as its address names it. Without `ca` it is spoken to in plain text."""

    servers: tuple[str, ...]
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    user: str | None = None
    password_file: Path | None = None

    def tls(self) -> ssl.SSLContext | None:
        """Return how the brokers are checked, from the files as they are now; None for plain text."""
        if self.ca is None:
            return None
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context

    def login(self) -> tuple[str, str] | None:
        """Return the user's name and password, from its file as it is now; None for no login, or one by certificate."""
        if self.user is None or self.password_file is None:
            return None
        return self.user, self.password_file.read_text(encoding="utf-8").strip()


def cluster_at(address: str) -> Cluster:
    """Return the cluster that an address names (`KAFKA_FORMS`); raises `AddressRefused`."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        servers = _servers(address)
        strangers = [server for server in servers if not _on_this_machine(_host(server))]
        if strangers:
            raise AddressRefused(f"Kafka at {strangers[0]} would be spoken to in plain text. Give {KAFKA_FORMS}")
        return Cluster(servers)
    if scheme == "plaintext":
        return Cluster(_servers(rest))
    if scheme != "ssl":
        raise AddressRefused(f"Kafka's address begins with {scheme}://. Give {KAFKA_FORMS}")
    return _encrypted(address)


def reached(address: str) -> dict[str, Any]:
    """Return what each of aiokafka's clients takes to reach the cluster at this address; raises `AddressRefused`."""
    cluster = cluster_at(address)
    settings: dict[str, Any] = {"bootstrap_servers": list(cluster.servers)}
    if (context := cluster.tls()) is None:
        return settings
    settings |= {"security_protocol": "SSL", "ssl_context": context}
    if (login := cluster.login()) is not None:
        user, password = login
        secret = {"sasl_plain_username": user, "sasl_plain_password": password}
        settings |= {"security_protocol": "SASL_SSL", "sasl_mechanism": _MECHANISM, **secret}
    return settings


def require_encrypted_postgres(dsn: str) -> str:
    """Return the connection string, whose server is here, or is checked by name and CA, or is said to be spoken to in plain text.

    Raises `AddressRefused`.
    """
    try:
        told = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    except ProgrammingError:
        raise AddressRefused("PostgreSQL's address is no connection string: give postgresql://role:password@host:port/database") from None
    hosts = [host for name in ("host", "hostaddr") for host in told.get(name, "").split(",") if host]
    if not hosts:
        raise AddressRefused("PostgreSQL's address names no host")
    mode = told.get("sslmode", "")
    if mode == "verify-full" and not Path(told.get("sslrootcert", "")).is_file():
        raise AddressRefused(f"sslrootcert of PostgreSQL at {hosts[0]} must name the file of the CA that its certificate is of")
    strangers = [host for host in hosts if not _on_this_machine(host)]
    if strangers and mode not in ("verify-full", "disable"):
        raise AddressRefused(
            f"PostgreSQL at {strangers[0]} could be spoken to in plain text, or be another server."
            " Add ?sslmode=verify-full&sslrootcert=FILE to its address, or ?sslmode=disable on a network that nobody else is on"
        )
    return dsn


def require_encrypted_issuer(url: str) -> str:
    """Return the issuer's URL, which is https, or http of this machine; raises `AddressRefused`."""
    parts = urlsplit(url)
    here = _on_this_machine(parts.hostname or "") or (parts.hostname or "").endswith(".localhost")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        raise AddressRefused("the issuer's URL must begin with https://, for its keys decide who is believed; http:// only on this machine")
    return url


def require_encrypted_collector(url: str) -> str:
    """Return the URL of a collector of traces, none for none: https, or http of this machine or where `plaintext://` says so.

    Raises `AddressRefused`.
    """
    parts = urlsplit(url)
    if not url or (parts.scheme == "https" and parts.hostname):
        return url
    if parts.scheme == "plaintext" and parts.hostname:
        return parts._replace(scheme="http").geturl()
    if parts.scheme == "http" and _on_this_machine(parts.hostname or ""):
        return url
    raise AddressRefused(
        "traces would be sent in plain text: give https://host:port, http:// on this machine only, or"
        " plaintext://host:port on a network that nobody else is on"
    )


def _encrypted(address: str) -> Cluster:
    parts = urlsplit(address)
    login, _, servers = parts.netloc.rpartition("@")
    told = dict(parse_qsl(parts.query))
    if unknown := sorted(told.keys() - {"ca", "certificate", "key", "password_file"}) or parts.path.strip("/"):
        raise AddressRefused(f"Kafka's address says {unknown}, which means nothing. Give {KAFKA_FORMS}")
    if ":" in login:
        raise AddressRefused("Kafka's address holds a password: put it into a file and name it by password_file")
    if bool(login) != ("password_file" in told):
        raise AddressRefused("Kafka's address needs a user and password_file together, or neither")
    if ("certificate" in told) != ("key" in told):
        raise AddressRefused("Kafka's address needs certificate and key together, or neither")
    if "ca" not in told:
        raise AddressRefused(f"Kafka's address names no CA. Give {KAFKA_FORMS}")
    files = {name: Path(file) for name, file in told.items()}
    if missing := [name for name, file in files.items() if not file.is_file()]:
        raise AddressRefused(f"Kafka's address names files that are not there: {', '.join(missing)}")
    return Cluster(_servers(servers), user=unquote(login) or None, **files)


def _servers(listed: str) -> tuple[str, ...]:
    servers = tuple(server.strip() for server in listed.split(",") if server.strip())
    for server in servers:
        port = server.rpartition(":")[2]
        if not (_host(server) and port.isdecimal() and int(port) in _PORTS):
            raise AddressRefused(f"Kafka's address has a server without host and port. Give {KAFKA_FORMS}")
    if not servers:
        raise AddressRefused(f"Kafka's address names no server. Give {KAFKA_FORMS}")
    return servers


def _host(server: str) -> str:
    return server.rpartition(":")[0].strip("[]")


def _on_this_machine(host: str) -> bool:
    """Tell whether what is sent there stays here; a folder is that of a socket."""
    if host == "localhost" or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
