"""From what on the security team is alerted: `audit.alerts` in site.yaml."""

import datetime as dt
from typing import Annotated, Final

from pydantic import Field

from gateway.audit.alert_rules import AlertId
from gateway.audit.alerts import AlertLimits
from gateway.bootstrap.setting_types import Setting, Slug

_USUAL: Final = AlertLimits()
_Factor = Annotated[float, Field(ge=1)]
_Least = Annotated[int, Field(ge=0)]
_Hour = Annotated[int, Field(ge=0, le=24)]


class AlertSettings(Setting):
    """The limits of each alert, and how often the service looks; `raise_events` writes an event for each."""

    raise_events: bool = True
    look_seconds: Annotated[float, Field(gt=0)] = 60.0
    volume_factor: _Factor = _USUAL.volume_factor
    volume_least: _Least = _USUAL.volume_least
    fields_factor: _Factor = _USUAL.fields_factor
    fields_least: _Least = _USUAL.fields_least
    fields_packages: Annotated[int, Field(ge=1)] = _USUAL.fields_packages
    held_percent: Annotated[int, Field(ge=0, le=100)] = _USUAL.held_percent
    held_least: Annotated[int, Field(ge=1)] = _USUAL.held_least
    holds_by_person: _Least = _USUAL.holds_by_person
    pair_decisions: _Least = _USUAL.pair_decisions
    wrong_codes: _Least = _USUAL.wrong_codes
    hours_from: _Hour = _USUAL.hours_from
    hours_until: _Hour = _USUAL.hours_until
    hours_except: tuple[Slug, ...] = ()
    clock_step_seconds: Annotated[float, Field(ge=0)] = _USUAL.clock_step_seconds
    without: tuple[AlertId, ...] = ()
    key_days: Annotated[int, Field(ge=0, le=60)] = 30
    checkpoint_seconds: Annotated[float, Field(gt=0)] = 300.0
    witness_seconds: Annotated[float, Field(gt=0)] = 86_400.0

    def limits(self, zone: dt.tzinfo) -> AlertLimits:
        """Give the limits for the ledger, with working hours in this zone."""
        names = [name for name in AlertLimits.__slots__ if name != "zone"]
        return AlertLimits(**{name: getattr(self, name) for name in names}, zone=zone)
