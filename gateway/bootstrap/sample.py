"""The sample: fictitious people and packages, one for each recipient kind, so that a newcomer sees every ending.

Nobody in it exists. V-numbers begin with 099, mail goes to `*.example`.
"""

import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

RECIPIENT_NAMES: Mapping[str, str] = {
    "gemeente-voorbeeld": "Gemeente Voorbeeld",
    "nidos-voorbeeld": "Nidos, regio Voorbeeld",
    "vluchtelingenhulp-voorbeeld": "Stichting Vluchtelingenhulp Voorbeeld",
    "advocaat-voorbeeld": "Advocatenkantoor Voorbeeld",
    "ind-voorbeeld": "IND, loket Voorbeeld",
}

_SENDER = "sender: {organisation: DT&V, name: M. de Vries, unit: Regio Voorbeeld}"

_MUNICIPALITY = f"""\
format: sluis-package/1
recipients: [gemeente-voorbeeld]
purpose: public-order
{_SENDER}
request: {{requestedBy: P. Jansen, role: adviseur openbare orde, reference: GV-2026-118, receivedOn: 2026-11-20}}
subject: {{vNumber: "0991234501", name: Amina Yusuf, dateOfBirth: 1990-05-01}}
data:
  name: Amina Yusuf
  vNumber: "0991234501"
  dateOfBirth: 1990-05-01
  address: Voorbeeldweg 12
  town: Voorbeeldstad
  telephone: "0612345678"
  religion: soennitisch
  departureStrategy: vertrek via Brussel in december
documents:
  - {{file: brief.txt, kind: letter, declaredCategories: [ordinary]}}
"""

_LETTER = """\
Geachte heer Jansen,

Op uw verzoek van 20 november 2026 stuur ik u de gegevens die u nodig hebt
voor de openbare orde rond de locatie aan de Voorbeeldweg.

Met vriendelijke groet,
M. de Vries
"""

_GUARDIAN = f"""\
format: sluis-package/1
recipients: [nidos-voorbeeld]
purpose: guardianship
{_SENDER}
subject: {{vNumber: "0991234502", name: Samuel Tesfay, dateOfBirth: 2014-03-09}}
guardianship: {{reference: C/13/700001 FA RK 26-118}}
data:
  name: Samuel Tesfay
  vNumber: "0991234502"
  dateOfBirth: 2014-03-09
  nationality: Eritrese
  town: Voorbeeldstad
  education: groep 8, basisschool De Sluis
  departureStrategy: geen, procedure loopt
  klantkleur: blauw
"""

_NGO = f"""\
format: sluis-package/1
recipients: [vluchtelingenhulp-voorbeeld]
purpose: legal-support
{_SENDER}
subject: {{vNumber: "0991234503", name: Reza Karimi, dateOfBirth: 1985-11-30}}
consent:
  document: machtiging.pdf
  signedOn: @SIGNED@
  signedBy: Reza Karimi
  signerRole: subject
  recipient: Stichting Vluchtelingenhulp Voorbeeld
  categories: [ordinary]
  caseReference: IS-TV/2026/118
data: {{name: Reza Karimi, procedure: herhaalde aanvraag}}
"""

_LAWYER = f"""\
format: sluis-package/1
recipients: [advocaat-voorbeeld]
purpose: representation
{_SENDER}
subject: {{vNumber: "0991234504", name: Olena Kovalenko, dateOfBirth: 1979-02-14}}
data: {{name: Olena Kovalenko, procedure: beroep, decisionDate: 2026-10-05}}
"""

_CHAIN = f"""\
format: sluis-package/1
recipients: [ind-voorbeeld]
purpose: return
{_SENDER}
subject: {{vNumber: "0991234505", name: Ahmad Rahimi, dateOfBirth: 1992-00-00}}
data: {{name: Ahmad Rahimi, vNumber: "0991234505", departureStrategy: zelfstandig vertrek}}
"""

_REFUSED = f"""\
format: sluis-package/1
recipients: [gemeente-voorbeeld]
purpose: housing
{_SENDER}
subject: {{vNumber: "0991234506", name: Lin Chen, dateOfBirth: 1988-08-08}}
data: {{name: Lin Chen, town: Voorbeeldstad}}
"""

_BROKEN = f"""\
format: sluis-package/1
recipients: [gemeente-voorbeeld]
purpose: public-order
{_SENDER}
subject: {{name: Onbekend}}
spoed: ja
data: {{name: Onbekend}}
"""

_BY_API = f"""\
format: sluis-package/1
recipients: [gemeente-voorbeeld]
purpose: public-order
{_SENDER}
subject: {{vNumber: "0991234507", name: Mehmet Demir, dateOfBirth: 1983-01-20}}
data:
  name: Mehmet Demir
  vNumber: "0991234507"
  town: Voorbeeldstad
  telephone: "0687654321"
  customerNumber: K-2026-55
documents:
  - {{file: brief.txt, kind: letter, declaredCategories: [ordinary]}}
"""


# The smallest file that every PDF reader shows; a real one is a scan of the signed paper.
_AUTHORISATION = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 74>>stream
BT /F 14 Tf 40 520 Td (Machtiging van Reza Karimi, met handtekening) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
xref
0 6
0000000000 65535 f\x20
0000000009 00000 n\x20
0000000052 00000 n\x20
0000000101 00000 n\x20
0000000210 00000 n\x20
0000000330 00000 n\x20
trailer<</Size 6/Root 1 0 R>>
startxref
391
%%EOF
"""
_CASE = "IS-TV/2026/118"
_BAR = "number,status\nA00000,registered\nA00001,suspended\nA00002,struck-off\n"


def write_sample_registers(folder: Path, *, today: dt.date) -> None:
    """Write registers that know the sample: a case with its authorisation, the bar, and no withdrawal."""
    case = folder / "cases" / _CASE
    case.mkdir(parents=True)
    (case / "machtiging.pdf").write_bytes(_AUTHORISATION)
    _text(folder / "withdrawals.csv", "caseReference,withdrawnOn\n")
    _text(folder / "bar.csv", _BAR)
    note = {"format": "sluis-bar-register/1", "takenOn": today.isoformat()}
    _text(folder / "bar.csv.json", json.dumps({**note, "sha256": hashlib.sha256(_BAR.encode()).hexdigest()}))


def write_sample_packages(folder: Path, *, today: dt.date) -> None:
    """Write the packages: `outbox/` to drop, `api/` to submit; the authorisation in one was signed some weeks ago."""
    ngo = _NGO.replace("@SIGNED@", (today - dt.timedelta(days=20)).isoformat())
    outbox, api = folder / "outbox", folder / "api"
    outbox.mkdir(parents=True)
    api.mkdir()
    _folder(outbox / "gemeente-openbare-orde", {"package.yaml": _MUNICIPALITY, "brief.txt": _LETTER})
    _text(outbox / "nidos-voogdij.yaml", _GUARDIAN)
    _zip(outbox / "vluchtelingenhulp-machtiging.zip", {"package.yaml": ngo, "machtiging.pdf": _AUTHORISATION})
    _text(outbox / "advocaat-beroep.yaml", _LAWYER)
    _text(outbox / "ind-overdracht.yaml", _CHAIN)
    _text(outbox / "gemeente-huisvesting.yaml", _REFUSED)
    _text(outbox / "met-een-fout.yaml", _BROKEN)
    _folder(api / "gemeente-via-api", {"package.yaml": _BY_API, "brief.txt": _LETTER})


def _text(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")


def _folder(path: Path, files: Mapping[str, str]) -> None:
    path.mkdir()
    for name, content in files.items():
        _text(path / name, content)


def _zip(path: Path, files: Mapping[str, str | bytes]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    path.write_bytes(buffer.getvalue())
