"""The event store: append, sequencer, feed, sealing, keyring, timers. The ports, PostgreSQL behind them, and memory twins."""
