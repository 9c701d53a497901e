"""The whole of Ancora as containers of one machine: `compose.yaml`, and the secrets it mounts."""
