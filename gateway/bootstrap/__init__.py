"""Bootstrap: settings, build, validate, run. The only place that knows the adapters."""
