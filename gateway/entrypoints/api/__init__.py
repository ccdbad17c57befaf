"""The HTTP API `/v1`: NL GOV API Design Rules, problem+json, Unix socket by default."""
