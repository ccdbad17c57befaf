"""The local HTTP API: `/v1` on a Unix socket, on loopback TCP when asked for."""
