"""Loads structlog, and keeps it from loading rich.

With rich at hand structlog takes it for tracebacks, of which our log has none, and that is 3 MB in a service and once
more in its foreman. Modules take `structlog` from here.
"""

import sys

if "rich" in sys.modules:
    import structlog
else:
    # None is how Python is told that there is no such module; afterwards there is one again, for who prints tables.
    sys.modules["rich"] = None  # type: ignore[assignment]  # A module is what mypy expects here.
    try:
        import structlog
    finally:
        del sys.modules["rich"]

__all__ = ["structlog"]
