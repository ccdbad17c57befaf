"""Makes the report for the security team: one page that stands alone, with no script and nothing from elsewhere."""

import datetime as dt
from typing import Final

from gateway.audit.alert_rules import RULES
from gateway.audit.findings import Verified, Witnessed
from gateway.audit.ledger import Ledger
from gateway.bootstrap.alert_reading import alerts_of
from gateway.bootstrap.audit_reading import signed_lines, verify_site_log
from gateway.bootstrap.build_work import build_templates
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.ledger_answers import basis_of
from gateway.bootstrap.report_figures import Figures, Period, figures_of
from gateway.bootstrap.settings import ZONE, read_site_settings
from gateway.package.states import Language

MARK: Final = "<!-- sluis-audit-report/1 -->\n"
"""How every report begins, also one by a site's own template: by this an earlier one is known from another file."""

_TEMPLATE: Final = "report.html.j2"


def make_report(
    site: SiteLayout, period: Period, *, language: Language, at: dt.datetime, distrustful: bool = False
) -> tuple[str, Figures, Verified]:
    """Verify the log, count a period, and write both as a page; give what it was made of beside it.

    `distrustful` counts in the log alone, and not in the index beside it.

    Raises SluisError `audit-unavailable`, `setting-invalid` for the settings, a template or the file of public keys.
    """
    verified = verify_site_log(site)
    signed = signed_lines(site)
    # Lines that are missing end no report: it says that the log does not hold, and shows what there is.
    with Ledger(site.audit_log, distrustful=distrustful) as ledger:
        figures = ledger.answer(lambda: figures_of(ledger, period))
        basis = basis_of(ledger, signed=signed)
        alerts = _alerts(ledger, site, period, signed=signed, language=language, at=at)
    context = {
        "alerts": alerts,
        "period": period,
        "figures": figures,
        "verified": verified,
        "root": verified.root.hex(),
        "witnesses": [_told(each) for each in verified.witnessed],
        "made_at": _second(at),
        "basis": basis,
    }
    return MARK + build_templates(site).render(_TEMPLATE, language=language, context=context), figures, verified


def _alerts(
    ledger: Ledger, site: SiteLayout, period: Period, *, signed: int, language: Language, at: dt.datetime
) -> list[dict[str, object]]:
    wanted = read_site_settings(site.settings).audit.alerts
    late = at - dt.timedelta(seconds=wanted.checkpoint_seconds)
    return [
        {
            "at": each.at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M"),
            "rule": each.rule.value,
            "severity": RULES[each.rule].severity.value,
            "sentence": RULES[each.rule].sentence.text(language),
            "remedy": RULES[each.rule].remedy.text(language),
            "who": each.recipient or each.person,
            "number": each.number,
        }
        for each in alerts_of(ledger, wanted.limits(ZONE), signed=signed, since=period.since, late=late)
        if each.at < period.until
    ]


def _told(witness: Witnessed) -> dict[str, object]:
    at = dt.datetime.fromtimestamp(witness.at, dt.UTC)
    return {"name": witness.name, "size": witness.size, "at": _second(at)}


def _second(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
