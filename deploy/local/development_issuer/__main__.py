"""Runs the development issuer, on the loopback interface unless told otherwise; refuses beside real servers."""

import argparse
import os
import sys
from pathlib import Path

import uvicorn

from deploy.local.development_issuer.application import create_application
from deploy.local.development_issuer.people import read_people
from deploy.local.development_issuer.tokens import IssuerSecrets, Signer
from deploy.local.paths import Home
from deploy.local.ports import LOOPBACK

# Given these, the stack is not the embedded one: whoever could reach this issuer would be anyone there.
_REAL_SERVERS = ("ANCORA_POSTGRES", "ANCORA_KAFKA")


def main() -> int:
    """Serve until ended; 2 where it refuses to start."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.development_issuer", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port to listen on")
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on; another one only in a container, published on loopback")
    parser.add_argument("--url", help="where browsers and services find it; default: the address and port it listens on")
    parser.add_argument("--home", type=Path, required=True, help="data folder; the signing key is kept in it")
    parser.add_argument("--audience", default="ancora", help="whom the tokens are for")
    parser.add_argument("--organisations", type=Path, required=True, help="YAML or JSON file with the consortium's organisations")
    arguments = parser.parse_args()
    real = [name for name in _REAL_SERVERS if os.environ.get(name)]
    if real:
        sys.stderr.write(f"the development issuer does not run beside real servers: {', '.join(real)} is set; use a real issuer\n")
        return 2
    secrets = IssuerSecrets.in_folder(Home(arguments.home).secrets)
    signer = Signer(arguments.url or f"http://{arguments.host}:{arguments.port}", arguments.audience, secrets)
    application = create_application(signer, read_people(arguments.organisations))
    uvicorn.run(application, host=arguments.host, port=arguments.port, access_log=False, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
