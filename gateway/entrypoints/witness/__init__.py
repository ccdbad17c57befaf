"""The witness: another organisation's small service that cosigns what an audit log says of itself."""
