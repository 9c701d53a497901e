"""Runs in the container: writes the broker's settings from `KAFKA_…`, formats the log at the first start, becomes the broker."""

import os
import subprocess
from pathlib import Path

SETTINGS = Path("/opt/kafka/config/server.properties")
# What the public image reads itself and does not hand on as settings.
_OURS = {"KAFKA_HEAP_OPTS"}


def settings() -> dict[str, str]:
    """Return the broker's settings; a dot is an underscore in the name of a variable."""
    given = {name: value for name, value in os.environ.items() if name.startswith("KAFKA_") and name not in _OURS}
    return {name.removeprefix("KAFKA_").lower().replace("_", "."): value for name, value in given.items()}


def main() -> None:
    """Never returns."""
    written = settings()
    SETTINGS.write_text("".join(f"{name}={value}\n" for name, value in written.items()))
    heap = os.environ.get("KAFKA_HEAP_OPTS", "-Xmx512m").split()
    logging = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"]
    java = [
        "/opt/java/bin/java",
        *heap,
        "-XX:+UseSerialGC",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        *logging,
        "-cp",
        "/opt/kafka/libs/*",
    ]
    if not Path(written["log.dirs"], "meta.properties").exists():
        cluster = os.environ.get("CLUSTER_ID", "YW5jb3JhLXRlc3RzMDAwMQ")
        subprocess.run([*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(SETTINGS)], check=True)
    os.execv(java[0], [*java, "kafka.Kafka", str(SETTINGS)])  # noqa: S606


if __name__ == "__main__":
    main()
