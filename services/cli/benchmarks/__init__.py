"""What `ancora bench` measures: each figure of ours in turn with its floor or peer, on the same work, in the same run."""

MEASURES = (
    "store_append",
    "append_sealed",
    "store_peer",
    "relaying",
    "ingesting",
    "projecting_live",
    "rebuilding",
    "end_to_end",
    "verifying",
    "deciding",
    "reading",
    "duplicates",
    "matching",
)
"""The measures, each a module of this room with `measure(ground, counts)`; modules are loaded when they are measured."""
