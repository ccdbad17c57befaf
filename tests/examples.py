"""On how many examples a law is tried: few whenever the tests run, many in `make soak`, by the same tests.

`make soak` runs all that bears the mark `hypothesis` with the profile `soak`. Hypothesis marks what it gives examples
to; a test that does so inside says it itself.
"""

from hypothesis import HealthCheck, settings

_HOUSE, _SOAK = "house", "soak"


def register_profiles() -> None:
    """Let `--hypothesis-profile` choose; without it the tests are short."""
    # How fast a machine is, and how busy, is nothing that a test tells.
    settings.register_profile(_HOUSE, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)
    settings.register_profile(_SOAK, settings.get_profile(_HOUSE), max_examples=1000)
    settings.load_profile(_HOUSE)


def examples(few: int, *, many: int) -> int:
    """Say how many for a law whose examples take long."""
    return many if settings.get_current_profile_name() == _SOAK else few
