"""The kinds of work that a process does for its service, each until it is cancelled; leaders stand again when they lose the lead."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import httpx
import structlog
import uvicorn

from services._runtime.messaging.consuming import Consumer
from services._runtime.messaging.kafka import KafkaPublisher
from services._runtime.messaging.relay import Relay
from services._runtime.messaging.relay_postgres import PostgresRelayCursor
from services._runtime.scheduling import Scheduler
from services._runtime.store.leadership import Leadership
from services._runtime.store.port import NotLeader
from services._runtime.store.postgres_sequencer import PostgresSequencer
from services._runtime.web.application import create_app
from services._runtime.web.identity import TokenVerifier
from services._runtime.web.issuer_keys import IssuerKeys
from services._runtime.web.parts import Web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services._runtime.hosting.parts import Parts
    from services._runtime.hosting.service import Service
    from services._runtime.store.leadership import Lease
