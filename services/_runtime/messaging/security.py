"""How FastStream's broker reaches a cluster: what `reached` says to aiokafka's clients, in FastStream's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faststream.security import BaseSecurity, SASLScram512

if TYPE_CHECKING:
    from services._runtime.reaching import Cluster


def security_of(cluster: Cluster) -> BaseSecurity | None:
    """Return how the broker is checked, and who we say we are; None for plain text."""
    if (context := cluster.tls()) is None:
        return None
    if (login := cluster.login()) is None:
        return BaseSecurity(ssl_context=context, use_ssl=True)
    return SASLScram512(*login, ssl_context=context, use_ssl=True)
