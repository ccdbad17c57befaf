"""What a look at a site comes to."""

from dataclasses import dataclass

from gateway.package.errors import SluisError


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; `error` is None when it is well, `doubts` what a person should look at.

    `key` pins the key that it is about, if it is about one.
    """

    name: str
    where: str = ""
    key: str = ""
    error: SluisError | None = None
    doubts: tuple[SluisError, ...] = ()
