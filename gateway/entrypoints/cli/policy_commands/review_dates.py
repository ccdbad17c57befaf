"""When a permission has to be reviewed, marked when that is soon or past: packages that rest on it are then held."""

import datetime as dt
from zoneinfo import ZoneInfo

from gateway.entrypoints.cli.console.printing import in_language
from gateway.package.states import Language
from gateway.policy.overview import REVIEW_SOON_DAYS, DueForReview


def today() -> dt.date:
    """Give the day as the decision counts it."""
    return dt.datetime.now(ZoneInfo("Europe/Amsterdam")).date()


def marked(day: dt.date, *, on: dt.date, language: Language) -> str:
    """Write the day of a review, with a mark when it is past on a day, or soon to come."""
    if day <= on:
        return f"{day.isoformat()} {in_language('(voorbij)', '(past)', language=language)}"
    if day <= on + dt.timedelta(days=REVIEW_SOON_DAYS):
        return f"{day.isoformat()} {in_language('(binnenkort)', '(soon)', language=language)}"
    return day.isoformat()


def warning(due: DueForReview, *, language: Language) -> str:
    """Warn of a permission that has to be reviewed."""
    if due.past:
        nl = f"moest op {due.on} opnieuw worden bekeken; pakketten die erop rusten, wachten"
        en = f"had to be reviewed on {due.on}; packages that rest on it wait"
    else:
        nl = f"moet voor {due.on} opnieuw worden bekeken; daarna wachten pakketten die erop rusten"
        en = f"has to be reviewed before {due.on}; after that, packages that rest on it wait"
    return f"{due.recipient} {due.purpose}: {in_language(nl, en, language=language)}"
