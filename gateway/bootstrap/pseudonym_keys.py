"""The keys of the pseudonyms in the audit log: `secrets/pseudonym-1.key`, and one more for each rotation.

Rules, in order:
1. A key is never drawn in place of one that is missing: what was written under that one could not be found any more,
   and nobody would notice. Only a log without any pseudonym may get a first key.
2. `audit/pseudonym-keys` says under which keys lines may have been written, with a check value that tells nothing of
   the key. Each of them has to be there, and to be the one that it was. Of a log with pseudonyms that file has to be
   there too: without it any other key would pass for the one that was lost.
3. A key is written down there before the first pseudonym is made under it. Until then losing it costs nothing.
4. A key with a higher number takes over at the next start. The others stay, for questions; the first ones may go when
   no line of the log is under them any more.
5. Files of 32 bytes and mode 0600, or systemd credentials `sluis-pseudonym-1-key`, as the site's other secrets.
"""

import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from gateway.audit.pseudonyms import PseudonymKey
from gateway.audit.segments import segment_names
from gateway.bootstrap.durable_files import flush_folder, storing, write_durably
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secrets_store import create_secret, missing_file, read_secret
from gateway.package.errors import Code, SluisError
from gateway.package.identity import Identifier
from gateway.package.manifest import Subject

_KNOWN: Final = "audit/pseudonym-keys"
KNOWN_EXPECTED: Final = "this file out of a back-up expected: it alone says whether these are the keys of the log"
_FILE = re.compile(r"pseudonym-([1-9][0-9]{0,5})\.key")
_CREDENTIAL = re.compile(r"sluis-pseudonym-([1-9][0-9]{0,5})-key")
_LINE = re.compile(r"k([1-9][0-9]{0,5}) ([0-9a-f]{16})")
_MARK: Final = re.compile(rb'"gateway\.subject\.pseudonym"')
_UNDER: Final = re.compile(rb":k([1-9][0-9]{0,5}):")
_LONGEST_MARK: Final = 64
_CHECKED: Final = b"sluis pseudonym key"
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class PseudonymKeys:
    """Every key of a site, by its number, the newest last. `read` may find none: then nothing was ever written."""

    keys: tuple[PseudonymKey, ...] = field(repr=False)

    @classmethod
    def read(cls, site: SiteLayout, *, credentials: Path | None = None) -> "PseudonymKeys":
        """Read the keys for questions, and change nothing.

        Raises SluisError `setting-invalid` naming the key that is missing, another one, or open to others,
        `read-forbidden`.
        """
        return cls(_read_keys(site, credentials=credentials))

    @classmethod
    def ready(
        cls, site: SiteLayout, *, random: Callable[[int], bytes], credentials: Path | None = None
    ) -> "PseudonymKeys":
        """Read the keys for a service that writes: draw the first one of a log without pseudonyms, note new ones.

        Raises SluisError as `read` does, `disk-full`, `spool-unavailable`.
        """
        keys = _read_keys(site, credentials=credentials)
        if not keys:
            create_pseudonym_key(site, 1, random=random)
            keys = _read_keys(site, credentials=credentials)
        lines = "".join(f"k{each.number} {_check_of(each)}\n" for each in keys)
        with storing(_KNOWN):
            if _lines_of(site) != lines:
                site.pseudonym_keys.parent.mkdir(mode=0o700, exist_ok=True)
                write_durably(site.pseudonym_keys, lines.encode())
        return cls(keys)

    @property
    def newest(self) -> PseudonymKey:
        """The key under which pseudonyms are made now. Raises IndexError when there is none, which `ready` excludes."""
        return self.keys[-1]

    def of_subject(self, subject: Subject, /) -> tuple[str, ...]:
        """Give the pseudonyms of a package's subject under the newest key, one for each identifier."""
        return self.newest.of_subject(subject)

    def of_number(self, identifier: Identifier, number: str, /) -> str:
        """Give the pseudonym of a V-number or BSN under the newest key. Raises ValueError for what is none."""
        return self.newest.of_number(identifier, number)

    def searched(self, kind: str, value: str, /) -> tuple[str, ...]:
        """Give the pseudonyms under which somebody may stand in the log, by `vnr` or `bsn`: one for each key.

        Raises ValueError, which does not hold the value, for another kind and for what is no such number.
        """
        return tuple(each.of_number(Identifier(kind), value) for each in self.keys)

    def searched_name(self, name: str, date_of_birth: str, /) -> tuple[str, ...]:
        """Give the pseudonyms of a name with a date of birth, as a package said it: one for each key.

        A date of which a part is unknown (1990-00-00), or an empty one, is another pseudonym: ask for each. Raises
        ValueError, which does not hold the value, for a name without letters and for what is no date.
        """
        return tuple(each.of_name(name, date_of_birth) for each in self.keys)


def create_pseudonym_key(site: SiteLayout, number: int, *, random: Callable[[int], bytes]) -> None:
    """Draw one key. Raises SluisError `secret-exists` when there is one of that number, `disk-full`.

    `setting-invalid` where systemd hands the secrets over: then this one has to come from there too.
    """
    with storing("secrets"):
        try:
            create_secret(site.secrets, f"pseudonym-{number}", random=random)
        except FileExistsError as error:
            raise SluisError(Code.SECRET_EXISTS, where=f"secrets/pseudonym-{number}.key") from error
        except FileNotFoundError as error:
            raise SluisError(Code.SETTING_INVALID, where=f"secrets/pseudonym-{number}.key") from error
        flush_folder(site.secrets)


def _read_keys(site: SiteLayout, *, credentials: Path | None) -> tuple[PseudonymKey, ...]:
    """Read every key there is and compare them with those that are known. Raises SluisError."""
    numbers = sorted(_numbers(site.secrets, _FILE) | (_numbers(credentials, _CREDENTIAL) if credentials else set()))
    known = _known(site)
    if not known and any(_in_log(site, _MARK)):
        if numbers:
            raise missing_file(_KNOWN, KNOWN_EXPECTED)
        raise missing_file("secrets/pseudonym-1.key")
    missing = set(known) - set(numbers)
    if numbers:
        # One in the middle was noted once; that the last ones are whole is what the file of known keys says.
        missing |= set(range(numbers[0], numbers[-1])) - set(numbers)
        missing |= _still_needed(site, below=numbers[0])
    if missing:
        raise missing_file(f"secrets/pseudonym-{min(missing)}.key")
    keys = tuple(
        PseudonymKey(number=each, secret=read_secret(site.secrets, f"pseudonym-{each}", credentials=credentials))
        for each in numbers
    )
    for key in keys:
        if known.get(key.number, _check_of(key)) != _check_of(key):
            raise SluisError(Code.SETTING_INVALID, where=f"secrets/pseudonym-{key.number}.key")
    if known and any(key.number not in known and key.number < max(known) for key in keys):
        raise SluisError(Code.SETTING_INVALID, where=_KNOWN)
    return keys


def _numbers(folder: Path, pattern: re.Pattern[str]) -> set[int]:
    try:
        names = [each.name for each in folder.iterdir()]
    except FileNotFoundError:
        # Where systemd hands every secret over there need not be such a folder.
        return set()
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN, where="secrets") from error
    except OSError as error:
        raise SluisError(Code.SETTING_INVALID, where="secrets") from error
    return {int(found[1]) for name in names if (found := pattern.fullmatch(name))}


def _known(site: SiteLayout) -> Mapping[int, str]:
    """Read under which keys lines may have been written, and how each of them is recognised. Raises SluisError."""
    found = [_LINE.fullmatch(line) for line in _lines_of(site).splitlines()]
    known = {int(each[1]): each[2] for each in found if each}
    if len(known) != len(found):
        raise SluisError(Code.SETTING_INVALID, where=_KNOWN)
    return known


def _lines_of(site: SiteLayout) -> str:
    try:
        return site.pseudonym_keys.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN, where=_KNOWN) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SluisError(Code.SETTING_INVALID, where=_KNOWN) from error


def _check_of(key: PseudonymKey) -> str:
    return hmac.digest(key.secret, _CHECKED, "sha256")[:8].hex()


def _still_needed(site: SiteLayout, *, below: int) -> set[int]:
    """Give a number below the first key under which a line of the log stands, if there is one. Raises SluisError."""
    found = (int(each[1]) for each in _in_log(site, _UNDER)) if below > 1 else iter(())
    return {*islice((each for each in found if each < below), 1)}


def _in_log(site: SiteLayout, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """Look through the log itself, which is seldom needed: it is what says that there was a key. Raises SluisError."""
    if not site.audit_log.is_dir():
        return
    try:
        for name in segment_names(site.audit_log):
            yield from _in_file(site.audit_log / name, pattern)
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN, where="audit/log") from error
    except OSError as error:
        raise SluisError(Code.SETTING_INVALID, where="audit/log") from error


def _in_file(path: Path, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """Give what is found, where two blocks meet perhaps twice."""
    kept = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield from pattern.finditer(kept + block)
            kept = block[-_LONGEST_MARK:]
