"""The demo: packages go in by both doors, and everything that comes out is shown as its reader would see it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from gateway.audit.reading import read_events
from gateway.bootstrap.audit_reading import verify_site_log
from gateway.entrypoints.cli.console.printing import table
from gateway.entrypoints.demo.opening import Opened, open_drop, open_mail
from gateway.entrypoints.demo.stage import Stage, drop_into

_PATIENCE_SECONDS = 120
_POLL_SECONDS = 0.2
_HALVES = "-" * 60
_SLIP_FOLDERS = ("3-Actie nodig", "4-Geweigerd", "5-Verzonden")
_STYLES = {"done": "green", "held": "yellow", "refused": "red", "rejected": "red"}
_WORDS = {
    "done": "verzonden (sent)",
    "held": "wacht (held)",
    "refused": "geweigerd (refused)",
    "rejected": "teruggegeven (rejected)",
}
FORESEEN: Mapping[str, str] = {
    "gemeente-openbare-orde": "done",
    "nidos-voogdij.yaml": "done",
    "vluchtelingenhulp-machtiging.zip": "done",
    "advocaat-beroep.yaml": "done",
    "ind-overdracht.yaml": "held",
    "gemeente-huisvesting.yaml": "refused",
    "met-een-fout.yaml": "rejected",
}


class DemoFailedError(Exception):
    """The demo did not go as the sample foresees."""


def tell(stage: Stage, console: Console) -> None:
    """Play the demo from the first package to the last event. Raises DemoFailedError when anything differs."""
    _heading(console, "1. Pakketten gaan erin", "Seven packages into the outbox, one by the API")
    for entry in sorted((stage.site.sample / "packages" / "outbox").iterdir()):
        drop_into(stage.outbox, entry)
    submitted = _submit(stage)
    slips = _wait_for_slips(stage, console)
    _show_endings(slips, submitted, console)
    _heading(console, "2. Wat de afzender leest", "The slips that the sender reads")
    for slip in sorted(slips.values(), key=lambda path: path.name):
        console.print(Panel(_slip_text(slip), title=Text(slip.parent.name + "/" + slip.stem), box=box.ROUNDED))
    _heading(console, "3. Wat de ontvangers openen", "What the recipients open, with their own gpg")
    _show_mails(stage, console)
    _show_drops(stage, console)
    _heading(console, "4. Wat het beveiligingsteam ziet", "What the security team sees: no values")
    _show_events(stage, console)
    _compare(slips, submitted)


def _heading(console: Console, dutch: str, english: str) -> None:
    console.rule(Text.assemble((f" {dutch} ", "bold"), (f"· {english} ", "dim")), align="left")


def _submit(stage: Stage) -> Mapping[str, Any]:
    """Submit a package as an application would: with the command line, over the API's socket."""
    package = stage.site.sample / "packages" / "api" / "gemeente-via-api"
    command = [sys.executable, "-m", "gateway.entrypoints.cli", "--site", os.fspath(stage.site.root), "--json"]
    done = subprocess.run(
        [*command, "submit", os.fspath(package), "--wait", str(_PATIENCE_SECONDS)],
        capture_output=True,
        check=False,
        timeout=2 * _PATIENCE_SECONDS,
    )
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer


def _wait_for_slips(stage: Stage, console: Console) -> dict[str, Path]:
    """Wait until every dropped entry has its slip."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("")
        while len(slips := dict(_slips(stage))) < len(FORESEEN):
            progress.update(task, description=f"{len(slips)} van {len(FORESEEN)} briefjes · slips")
            if time.monotonic() > deadline:
                raise DemoFailedError(f"only {len(slips)} of {len(FORESEEN)} packages came to an end in time")
            time.sleep(_POLL_SECONDS)
    return slips


def _slips(stage: Stage) -> Iterator[tuple[str, Path]]:
    """Find the final slips: entry name and the slip's JSON file."""
    for folder in _SLIP_FOLDERS:
        for path in (stage.outbox / folder).glob("*.json"):
            slip = json.loads(path.read_bytes())
            if slip["state"] in _WORDS:
                yield path.name[: -len(".XXXXXXXX.json")], path


def _show_endings(slips: Mapping[str, Path], submitted: Mapping[str, Any], console: Console) -> None:
    rows = [[entry, *_ending(json.loads(path.read_bytes()))] for entry, path in sorted(slips.items())]
    rows.append(["gemeente-via-api (API)", *_ending(submitted)])
    console.print(table("pakket", "naar", "uitkomst", "weg", "waarom · why", rows=rows))


def _ending(slip: Mapping[str, Any]) -> list[str | Text]:
    recipients = slip.get("recipients", [])
    state = slip["state"]
    left_out = ", ".join(_left_out(slip))
    whole = f"zonder · without {left_out}" if left_out else "alles · everything"
    return [
        Text(", ".join(each["id"] for each in recipients)),
        Text(_WORDS.get(state, state), style=_STYLES.get(state, "")),
        Text(", ".join(each.get("channel") or "-" for each in recipients)),
        Text(slip.get("code") or whole),
    ]


def _left_out(slip: Mapping[str, Any]) -> list[str]:
    return [each["path"] for each in slip.get("fields", []) if each["verdict"] in ("strip", "block")]


def _slip_text(slip: Path) -> Text:
    """Show the Dutch half; the English one stands below it in the same file."""
    text = slip.with_suffix(".txt").read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    return Text(text.partition(f"\n{_HALVES}")[0].strip())


def _show_mails(stage: Stage, console: Console) -> None:
    for mail in stage.mail.messages():
        recipient = mail.recipients[0].rpartition("@")[2].removesuffix(".example")
        opened = open_mail(mail.content, home=stage.site.sample / recipient / "gnupg")
        title = f"mail aan {mail.recipients[0]} over {mail.tls}"
        console.print(Panel(_contents(opened), title=Text(title), box=box.ROUNDED))


def _show_drops(stage: Stage, console: Console) -> None:
    for file in sorted(stage.site.drop.glob("*/*.tar.pgp")):
        opened = open_drop(file, home=stage.site.sample / file.parent.name / "gnupg")
        title = f"{file.parent.name}/{file.name}"
        console.print(Panel(_contents(opened), title=Text(title), box=box.ROUNDED))


def _contents(opened: Opened) -> Text:
    if not opened.good_signature:
        raise DemoFailedError("what arrived bears no good signature")
    text = Text("✓ handtekening klopt · good signature\n", style="green")
    if opened.subject:
        text.append(f"Onderwerp: {opened.subject}\n", style="bold")
    for name, content in opened.parts.items():
        text.append(f"\n── {name}\n", style="cyan")
        text.append(content.decode("utf-8").replace("\r\n", "\n").strip() + "\n", style="default")
    return text


def _show_events(stage: Stage, console: Console) -> None:
    rows = (
        (
            str(event.get("event.sequence", "")),
            "\n".join((event.get("event.action", ""), *event.get("rule.id", ()), *event.get("error.code", ()))),
            f"{event.get('gateway.package.id', '')[-8:]}\n{event.get('gateway.recipient.id', '')}".strip(),
            str(event.get("event.outcome", "")),
        )
        for event in read_events(stage.site.audit_log)
    )
    # Codes stand below their event, and recipients below their package, so that 80 columns have room for each, whole.
    console.print(table("#", "gebeurtenis, regels · event, codes", "pakket, naar", "uitkomst", rows=rows))
    if not verify_site_log(stage.site).holds:
        raise DemoFailedError("the audit log does not hold")
    told = "✓ alle regels kloppen met wat ondertekend is · all records match the signed checkpoints"
    console.print(Text(told, style="green"))


def _compare(slips: Mapping[str, Path], submitted: Mapping[str, Any]) -> None:
    endings = {entry: json.loads(path.read_bytes())["state"] for entry, path in slips.items()}
    if endings != FORESEEN or submitted.get("state") != "done":
        raise DemoFailedError(f"other endings than foreseen: {endings}, by the API: {submitted.get('state')}")
