"""Addresses of PostgreSQL and Kafka: nothing is said in plain text that somebody else could hear, unless the address says so."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from deploy.local.paths import CHECKOUT
from services._runtime.reaching import (
    AddressRefused,
    cluster_at,
    reached,
    require_encrypted_collector,
    require_encrypted_issuer,
    require_encrypted_postgres,
)
from tests.support.certificates import Authority

if TYPE_CHECKING:
    from pathlib import Path

HERE = ("127.0.0.1:9092", "localhost:9092", "[::1]:9092,127.0.0.1:9093")


@pytest.mark.parametrize("address", HERE)
def test_on_this_machine_kafka_is_spoken_to_in_plain_text(address: str) -> None:
    assert reached(address) == {"bootstrap_servers": address.split(",")}


@pytest.mark.parametrize(
    "address", ["kafka:9092", "10.0.0.1:9092", "127.0.0.1:9092,kafka:9092", "127.0.0.1.example:9092", "localhost.example:1", "[::2]:1"]
)
def test_elsewhere_kafka_in_plain_text_is_refused_unless_it_is_said(address: str) -> None:
    with pytest.raises(AddressRefused, match="plain text"):
        cluster_at(address)
    assert reached(f"plaintext://{address}") == {"bootstrap_servers": address.split(",")}


@pytest.mark.parametrize(
    "address",
    [
        *("", ",", "kafka", "127.0.0.1", "127.0.0.1:port", "127.0.0.1:0", ":9092", "http://kafka:9092", "ssl://kafka:9093"),
        *("ssl://kafka:9093?ca={ca}&verify=no", "ssl://kafka:9093?ca=/nowhere/ca.pem", "ssl://kafka:9093/x?ca={ca}"),
        *("ssl://canary@kafka:9093?ca={ca}", "ssl://me:canary@kafka:9093?ca={ca}&password_file={ca}", "ssl://kafka:9093?ca={ca}&key={ca}"),
        *("ssl://kafka:9093?ca={ca}&password_file={ca}", "ssl://kafka?ca={ca}"),
    ],
)
def test_what_is_no_whole_address_of_kafka_is_refused_without_its_password(address: str, tmp_path: Path) -> None:
    with pytest.raises(AddressRefused) as refused:
        cluster_at(address.format(ca=Authority(tmp_path, "authority").ca))
    assert "canary" not in str(refused.value)


def test_tls_to_kafka_checks_the_authority_and_the_name_and_knows_no_old_version(tmp_path: Path) -> None:
    """The login is by SCRAM, whose password is read from its file when a client is made."""
    authority, word = Authority(tmp_path, "authority"), tmp_path / "word"
    word.write_text("first\n")
    settings = reached(f"ssl://me@kafka-1:9093,kafka-2:9093?ca={authority.ca}&password_file={word}")
    context = settings.pop("ssl_context")
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) == 1
    assert settings == {
        "bootstrap_servers": ["kafka-1:9093", "kafka-2:9093"],
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "me",
        "sasl_plain_password": "first",
    }


@pytest.mark.parametrize(
    "query", ["", "?sslmode=require", "?sslmode=prefer", "?sslmode=verify-ca&sslrootcert={ca}", "?sslmode=verify-full"]
)
def test_elsewhere_postgres_is_believed_only_by_name_and_authority(query: str, tmp_path: Path) -> None:
    """Anything less falls back to plain text, or believes whoever answers."""
    query = query.format(ca=Authority(tmp_path, "authority").ca)
    with pytest.raises(AddressRefused) as refused:
        require_encrypted_postgres(f"postgresql://me:canary@db.example/ancora{query}")
    assert "canary" not in str(refused.value)


def test_postgres_elsewhere_is_reached_by_tls_or_where_plain_text_is_said(tmp_path: Path) -> None:
    ca = Authority(tmp_path, "authority").ca
    for query in (f"?sslmode=verify-full&sslrootcert={ca}", "?sslmode=disable"):
        require_encrypted_postgres(f"postgresql://me:word@db.example:5432/ancora{query}")
    for here in ("127.0.0.1", "localhost", "[::1]"):
        require_encrypted_postgres(f"postgresql://me:word@{here}:5432/ancora")


@pytest.mark.parametrize("dsn", ["canary", "postgresql:///ancora", "postgresql://me:canary@localhost/x?hostaddr=10.0.0.1"])
def test_what_is_no_whole_address_of_postgres_is_refused(dsn: str) -> None:
    """Nor one that says one place and means another."""
    with pytest.raises(AddressRefused) as refused:
        require_encrypted_postgres(dsn)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://login.example/realms/x", "login.example", "ftp://127.0.0.1", "http://localhost.example", ""])
def test_an_issuer_elsewhere_is_asked_for_its_keys_by_tls_only(url: str) -> None:
    """Who stands between could name keys of their own, and be anybody."""
    with pytest.raises(AddressRefused):
        require_encrypted_issuer(url)
    for right in ("https://login.example/realms/x", "http://127.0.0.1:8080", "http://issuer.localhost:8400"):
        assert require_encrypted_issuer(right) == right


@pytest.mark.parametrize("url", ["http://traces.example:4318", "traces.example:4318", "grpc://127.0.0.1:4317", "https://", "plaintext://"])
def test_a_collector_elsewhere_is_sent_traces_by_tls_unless_plain_text_is_said(url: str) -> None:
    """Traces hold no personal value; but they say when which service did what."""
    with pytest.raises(AddressRefused, match="plain text"):
        require_encrypted_collector(url)
    for right in ("", "https://traces.example:4318", "http://127.0.0.1:4318", "http://localhost:4318"):
        assert require_encrypted_collector(right) == right
    assert require_encrypted_collector("plaintext://traces:4318") == "http://traces:4318"


@pytest.mark.parametrize("module", ["services.intake.main", "services.cli.prepare"])
def test_a_process_that_would_speak_in_plain_text_does_not_start_and_says_why_without_a_password(module: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANCORA_")}
    dsn = "postgresql://me:canary@db.example/ancora"
    named = dict.fromkeys(("ANCORA_DATABASE", "ANCORA_KEYS_DATABASE", "ANCORA_POSTGRES"), dsn)
    roles = '{"ancora_owner": "canary"}'
    given = named | {
        "ANCORA_KAFKA": "kafka.example:9092",
        "ANCORA_PORT": "1",
        "ANCORA_KEK_FILE": "/nowhere",
        "ANCORA_ROLES": roles,
        "ANCORA_OTLP": "http://traces.example:4318",
    }
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, cwd=CHECKOUT, env=kept | given, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "PostgreSQL at db.example could be spoken to in plain text" in done.stderr
    assert "Kafka at kafka.example:9092 would be spoken to in plain text" in done.stderr
    assert "canary" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
