"""Sends the canary through every door and into every ending, errors first of all, and keeps what anybody could see."""

import io
import json
import os
import subprocess
import sys
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.scenarios.canary import Canary, data_of, subject_of
from tests.scenarios.world import World, guardian_manifest, manifest, until

NGO = "vluchtelingenhulp-voorbeeld"
LAWYER = "advocaat-voorbeeld"
_OFTEN, _RARELY = 100, 50
"""So many times a process is read at every turn, as long as it does not change; then at every so many turns."""
NECESSITY = "Zonder dit gegeven kan de gemeente de veiligheid niet bewaken, want "


@dataclass
class Seen:
    """What the flows left behind outside of files: answers of the API, output of programs, command lines."""

    answers: list[tuple[str, bytes]] = field(default_factory=list)
    output: list[tuple[str, bytes]] = field(default_factory=list)
    processes: set[bytes] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)


def start(world: World, folder: Path) -> None:
    """Start the service with its output kept, and a folder for temporary files of its own."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "gateway.entrypoints.cli", "--site", str(world.site.root), "run"]
    with (folder / "stdout").open("ab") as output, (folder / "stderr").open("ab") as errors:
        world.service = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env={**os.environ, "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"},
        )
    until(world._answers)


@contextmanager
def watched_processes(seen: Seen) -> Iterator[None]:
    """Read the command lines of all processes again and again, as anybody on the machine can.

    One that has not changed for so long is read more rarely, so that the machine has time for the others.
    """
    ended = threading.Event()
    unchanged: dict[str, tuple[bytes, int]] = {}

    def look() -> None:
        turn = 0
        while not ended.wait(0.005):
            turn += 1
            for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208 - two hundred times a second.
                before, times = unchanged.get(name, (b"", 0))
                if times < _OFTEN or turn % _RARELY == 0:
                    line = _command_line(name)
                    unchanged[name] = (line, times + 1 if line == before else 0)
                    seen.processes.add(line)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _command_line(process: str) -> bytes:
    try:
        return Path("/proc", process, "cmdline").read_bytes()
    except OSError:
        return b""


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class Flows:
    """Every flow by its name; each ends in the state that it promises."""

    def __init__(self, world: World, canary: Canary, seen: Seen) -> None:
        self._world = world
        self._canary = canary
        self._seen = seen

    # ---- manifests -------------------------------------------------------------------------------------------

    def manifest(self, **changes: Any) -> dict[str, Any]:
        canary = self._canary
        whole = {
            "subject": subject_of(canary),
            "data": data_of(canary),
            "sender": {"organisation": "DT&V", "name": canary["name"], "unit": "team a"},
            "request": {"requestedBy": canary["name"], "question": canary["free text"]},
        }
        return manifest(**{**whole, **changes})

    def document(self, **changes: Any) -> dict[str, Any]:
        return {"file": f"{self._canary['file']}.txt", "kind": "letter", "declaredCategories": ["ordinary"], **changes}

    def entry(self, label: str) -> str:
        return f"{self._canary['entry']} {label}"

    def drop(self, label: str, files: dict[str, Any]) -> None:
        self._world.drop(self.entry(label), files)

    def drop_file(self, name: str, content: Any) -> None:
        self._world.drop_file(self.entry(name), content)

    def ends(self, label: str, state: str) -> None:
        entry = self.entry(label)
        slips = until(lambda: self._world.slips(entry))
        found = {(slip["state"], slip["code"]) for slip in slips}
        assert {state} == {each for each, _ in found}, f"{label}: {found}"

    # ---- outbox ----------------------------------------------------------------------------------------------

    def done(self) -> None:
        canary = self._canary
        letter = f"Hierbij de gegevens van {canary['name']}, geboren op {canary['birth date in Dutch']}.\n"
        plain = {canary["field"]: None, "name": canary["name"], "dateOfBirth": canary["birth date"]}
        whole = self.manifest(documents=[self.document()], data=plain)
        self.drop("met brief", {"package.yaml": whole, self.document()["file"]: letter})
        table = f"naam,e-mail,{canary['field']}\r\n{canary['name']},{canary['e-mail']},{canary['bsn']}\r\n"
        listed = guardian_manifest(
            subject=subject_of(canary), data=None, dataFile=f"{canary['file']}.csv", guardianship={"reference": "C/1"}
        )
        packed = {"package.json": _json(listed), f"{canary['file']}.csv": table.encode()}
        self.drop_file("gezipt.zip", zipped(packed))
        self.drop_file("alleen.json", self.manifest())
        for label in ("met brief", "gezipt.zip", "alleen.json"):
            self.ends(label, "done")

    def rejected(self) -> None:
        canary, world = self._canary, self._world
        name = canary["name"]
        files: dict[str, Any] = {
            "stuk.yaml": f"subject: {{name: '{name}'\n  bsn: {canary['bsn']}\n - {canary['e-mail']}",
            "stuk.json": f'{{"subject": {{"name": "{name}", "bsn": {canary["bsn"]}}}, {canary["telephone"]}',
            "sleutel.json": self.manifest(**{canary["field"]: name}),
            "type.json": self.manifest(subject=subject_of(canary, vNumber=int(canary["v-number"]))),
            "datum.json": self.manifest(subject=subject_of(canary, dateOfBirth=canary["birth date in Dutch"])),
            "naar.json": self.manifest(recipients=[canary["slug"]]),
            "waarheen.json": self.manifest(recipients=[canary["e-mail"]]),
            "doel.json": self.manifest(purpose=canary["slug"]),
            "wie.json": self.manifest(sender={"organisation": name, "name": name}),
            "indeling.json": self.manifest(format=name),
            "los.zip": zipped({"package.json": _json(self.manifest()), f"{canary['file']}.txt": name.encode()}),
            "pad.zip": zipped({"package.json": b"{}", f"../{name}.txt": name.encode()}),
            "geen.zip": name.encode() * 30,
        }
        for label, content in files.items():
            self.drop_file(label, content)
        self.drop("zonder brief", {"package.json": self.manifest(documents=[self.document()])})
        other = self.document(sha256="0" * 64)
        self.drop("andere brief", {"package.json": self.manifest(documents=[other]), other["file"]: name})
        part = world.incoming / f"{self.entry('koppeling')}.part"
        part.mkdir()
        (part / f"{canary['file']}.txt").symlink_to(f"/nergens/{name}")
        part.rename(world.incoming / self.entry("koppeling"))
        for label in (*files, "zonder brief", "andere brief", "koppeling"):
            self.ends(label, "rejected")

    def held(self) -> None:
        canary, name = self._canary, self._canary["name"]
        # Long enough to rest in a file of its own.
        turned = f"Bel {canary['telephone']} of mail {canary['e-mail']}.\u202e\n" * 10_000
        signed = {"signedBy": name, "proof": canary["free text"], "caseReference": canary["bsn"]}
        whole: dict[str, dict[str, Any]] = {
            "omgekeerd": {"package.json": self.manifest(documents=[self.document()]), self.document()["file"]: turned},
            "kenmerk": {"package.json": self.manifest(request={"reference": canary["e-mail"]})},
            "nodig": {
                "package.json": self.manifest(
                    data=data_of(canary, health=canary["free text"]), necessity=NECESSITY + canary["free text"]
                )
            },
            "beeld": {
                "package.json": self.manifest(documents=[self.document()]),
                self.document()["file"]: b"\x89PNG\0" + name.encode(),
            },
            "machtiging": {
                "package.json": self.manifest(recipients=[NGO], purpose="legal-support", consent=signed),
            },
            "gegevens": {
                "package.json": self.manifest(data=None, dataFile=f"{canary['file']}.json"),
                f"{canary['file']}.json": f'{{"name": "{name}", "name": "{canary["bsn"]}"}}',
            },
            "tabel": {
                "package.json": self.manifest(data=None, dataFile=f"{canary['file']}.csv"),
                f"{canary['file']}.csv": f"naam;bsn\n{name};{canary['bsn']};{canary['e-mail']}\n",
            },
        }
        for label, files in whole.items():
            self.drop(label, files)
        for label in whole:
            self.ends(label, "held")
        self.drop("advocaat", {"package.json": self.manifest(recipients=[LAWYER], purpose="representation")})
        self.ends("advocaat", "done")

    def refused(self) -> None:
        canary = self._canary
        adult = guardian_manifest(subject=subject_of(canary, dateOfBirth="1980-01-01"), data=data_of(canary))
        self.drop_file("volwassen.json", adult)
        self.drop_file("wonen.json", self.manifest(purpose="housing"))
        for label in ("volwassen.json", "wonen.json"):
            self.ends(label, "refused")

    # ---- API -------------------------------------------------------------------------------------------------

    def ask(self, method: str, path: str, expected: int, **more: Any) -> httpx.Response:
        with self._world.client() as client:
            answer = client.request(method, path, **more)
        self._keep(f"{method} {expected}", answer)
        assert expected == answer.status_code, f"{method}: not {answer.status_code} {answer.json().get('code')}"
        return answer

    def numbers(self) -> None:
        """What Prometheus sees of all that."""
        self.ask("GET", "/metrics", 200)

    def _keep(self, place: str, answer: httpx.Response) -> None:
        headers = b"\n".join(name + b": " + value for name, value in answer.headers.raw)
        self._seen.answers.append((place, headers + b"\n\n" + answer.content))
        self._seen.statuses.add(answer.status_code)

    def api(self) -> None:
        canary, name = self._canary, self._canary["name"]
        number = str(uuid.uuid4())
        whole = self.manifest(id=number, documents=[self.document(), self.document(file="2.txt", sha256="0" * 64)])
        self.ask("POST", "/v1/packages", 201, json=whole)
        self.ask("POST", "/v1/packages", 409, json=whole | {"data": {"name": canary["family name"]}})
        self.ask("PUT", f"/v1/packages/{number}/documents/1", 200, content=name.encode(), headers=_BYTES)
        self.ask("PUT", f"/v1/packages/{number}/documents/1", 409, content=canary["bsn"].encode(), headers=_BYTES)
        self.ask("PUT", f"/v1/packages/{number}/documents/2", 400, content=name.encode(), headers=_BYTES)
        self.ask("PUT", f"/v1/packages/{number}/documents/9", 409, content=name.encode(), headers=_BYTES)
        self.ask("GET", f"/v1/packages/{number}", 200)
        alone = self.manifest(id=str(uuid.uuid4()))
        self.ask("POST", "/v1/packages", 201, json=alone)
        until(lambda: "done" == self.ask("GET", f"/v1/packages/{alone['id']}", 200).json()["state"])
        self.ask("GET", f"/v1/packages/{alone['id']}/decision", 200)
        self.ask("GET", f"/v1/packages/{alone['id']}/slip", 200)
        self.ask("GET", "/v1/packages", 200)
        self.ask("POST", "/v1/previews", 200, json=self.manifest())
        for broken in (
            {name: name},
            self.manifest(**{canary["field"]: name}),
            self.manifest(subject=subject_of(canary, vNumber=canary["e-mail"])),
            self.manifest(subject=subject_of(canary, dateOfBirth=canary["birth date in Dutch"])),
            self.manifest(id=canary["bsn"]),
            self.manifest(channel=name),
            self.manifest(partial=canary["free text"]),
            [name],
        ):
            self.ask("POST", "/v1/packages", 400, json=broken)
        self._odd_requests(name)

    def _odd_requests(self, name: str) -> None:
        canary = self._canary
        in_uri = quote(name)
        self.ask("POST", "/v1/packages", 400, content=f'{{"{name}": {canary["bsn"]}'.encode(), headers=_JSON)
        self.ask("POST", "/v1/packages", 415, content=name.encode(), headers={"Content-Type": "text/plain"})
        self.ask("GET", f"/v1/packages/{in_uri}", 400)
        self.ask("GET", f"/v1/packages/{uuid.uuid4()}", 404)
        self.ask("GET", f"/v1/{in_uri}", 404)
        self.ask("GET", f"/v1/packages?state={in_uri}", 400)
        self.ask("GET", f"/v1/packages?{in_uri}={canary['bsn']}", 400)
        self.ask("GET", f"/v1/packages?cursor={canary['v-number']}", 400)
        self.ask("DELETE", f"/v1/packages/{canary['bsn']}", 405)
        self.ask("GET", "/v1/recipients", 401, headers={"Authorization": f"Bearer {canary['slug']}"})
        self.ask("POST", "/v1/tokens", 403, json={"person": canary["slug"]})
        self.ask("POST", "/v1/tokens", 400, json={"person": name, canary["field"]: name})
        parts = {"manifest": ("m.json", _json(self.manifest()), "application/json")}
        files = [*parts.items(), ("document", (f"{canary['file']}.txt", name.encode(), "text/plain"))]
        self.ask("POST", "/v1/packages", 400, files=files)

    # ---- command line ----------------------------------------------------------------------------------------

    def command_line(self, folder: Path) -> None:
        """Hand in by the command line; the package lies under a plain name, since anybody can read arguments."""
        package = folder / "pakket"
        package.mkdir()
        (package / "package.json").write_bytes(_json(self.manifest(documents=[self.document()])))
        (package / self.document()["file"]).write_text(self._canary["name"], encoding="utf-8")
        (folder / "stuk").mkdir()
        (folder / "stuk" / "package.json").write_bytes(_json(self.manifest(subject=subject_of(self._canary, x="y"))))
        (folder / "stuk2").mkdir()
        (folder / "stuk2" / "package.yaml").write_text(f"a: [{self._canary['name']}", encoding="utf-8")
        for arguments in (
            ["preview", str(package)],
            ["submit", str(package), "--wait", "30"],
            ["--json", "submit", str(folder / "stuk")],
            ["submit", str(folder / "stuk2")],
            ["status"],
        ):
            self._run(arguments)

    def questions(self, folder: Path) -> None:
        """Ask the log, also about the person itself, who is typed in and not given as an argument."""
        report = folder / "rapport.html"
        for arguments in (
            ["audit", "search"],
            ["audit", "search", "--csv"],
            ["audit", "stats"],
            ["audit", "alerts"],
            ["audit", "export", "--format", "csv"],
            ["audit", "verify"],
            ["audit", "report", str(report)],
        ):
            self._run(arguments)
        self._seen.output.append(("report", report.read_bytes()))
        canary = self._canary
        asked = {"name": f"{canary['name']}\n{canary['birth date']}\n", "v-number": f"{canary['v-number']}\n"}
        for kind, answer in asked.items():
            self._run(["audit", "who-received", "--by", kind], typed=answer)
            self._run(["audit", "who-received", "--by", kind, "--notify", "--json"], typed=answer)

    def _run(self, arguments: list[str], *, typed: str = "") -> None:
        command = [sys.executable, "-m", "gateway.entrypoints.cli", "--site", str(self._world.site.root), *arguments]
        done = subprocess.run(command, capture_output=True, check=False, timeout=60, input=typed.encode())
        self._seen.output.append((" ".join(arguments), done.stdout + done.stderr))

    # ---- failures --------------------------------------------------------------------------------------------

    def mail_server_down(self) -> None:
        """The relay goes away; a package waits, and says so."""
        self._world.mail.stop()
        self.drop_file("wacht.json", self.manifest())
        until(lambda: self._logged("package-release-failed"))

    def broken_template(self, restart: Callable[[], None]) -> None:
        """A template of the site quotes its variables in the exceptions that it causes."""
        templates = self._world.site.templates
        quoting = "{{ released.index(reference) }}"
        (templates / "letter.txt.j2").write_text(quoting, encoding="utf-8")
        restart()
        reference = {"reference": f"{self._canary['name']}"}
        self.drop_file("sjabloon.json", self.manifest(request=reference))
        until(lambda: b"ValueError" in self._world.site.service_log.read_bytes())
        (templates / "letter.txt.j2").write_text("{{ reference[reference] }}", encoding="utf-8")
        (templates / "slip.txt.j2").write_text("{{ entry.index(entry ~ 'x') }}{{ nergens }}", encoding="utf-8")
        restart()
        self.drop_file("sjabloon-2.json", self.manifest(request=reference))
        until(lambda: b"setting-invalid" in self._world.site.service_log.read_bytes())
        for path in templates.iterdir():
            path.unlink()

    def _logged(self, action: str) -> bool:
        lines = b"".join(path.read_bytes() for path in self._world.site.audit_log.glob("*.jsonl"))
        return action.encode() in lines


_BYTES = {"Content-Type": "application/octet-stream"}
_JSON = {"Content-Type": "application/json"}


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()
