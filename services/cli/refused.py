"""Why a server lets nobody in, in words: what no waiting mends, told apart from a server that is away."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

import asyncpg
from aiokafka.conn import create_conn
from aiokafka.errors import AuthenticationFailedError, KafkaError, SaslAuthenticationFailed

from services._runtime.reaching import cluster_at, reached

_PATIENCE_S = 5.0


def in_words(server: str, variable: str, error: BaseException | None) -> str | None:
    """Return why `server` refuses, or None where the error says only that it is away. Never quotes the address."""
    match error:
        case asyncpg.InvalidAuthorizationSpecificationError() | AuthenticationFailedError() | SaslAuthenticationFailed():
            return f"{server} refuses the name or the password, or this way of connecting: see {variable}"
        case ssl.SSLCertVerificationError():
            return f"{server} is not believed, for its certificate is not of the CA or not for its name ({error.verify_message})"
        case ssl.SSLError():
            return f"{server} and we find no common TLS ({error.reason})"
        case ConnectionError() if type(error) is ConnectionError:
            # What asyncpg raises where the server answers that it does not speak TLS.
            return f"{server} does not speak TLS, which {variable} asks for"
        case _:
            return None


async def postgres_refuses(dsn: str) -> str | None:
    """Return why PostgreSQL lets nobody in at this address; None where it does, or does not answer."""
    try:
        connection = await asyncpg.connect(dsn, timeout=_PATIENCE_S)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return in_words("PostgreSQL", "ANCORA_POSTGRES", error)
    await connection.close()
    return None


async def kafka_refuses(address: str) -> str | None:
    """Return why Kafka lets nobody in at this address; None where it does, or does not answer."""
    settings = reached(address)
    del settings["bootstrap_servers"]
    for server in cluster_at(address).servers:
        host, _, port = server.rpartition(":")
        try:
            async with asyncio.timeout(_PATIENCE_S):
                connection = await create_conn(host.strip("[]"), int(port), **settings)
        except (KafkaError, OSError, TimeoutError) as error:
            if words := in_words(f"Kafka at {server}", "ANCORA_KAFKA", error):
                return words
            continue
        with suppress(OSError):
            connection.close()
    return None
