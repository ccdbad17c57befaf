"""Bad input gets its code, sentence and slip; its owner finds the package again; the service goes on."""

import io
import os
import zipfile
from collections.abc import Callable

import pytest

from gateway.package.errors import Code
from gateway.package.problems import PROBLEMS
from tests.scenarios.world import World, manifest, until

DOCUMENT = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def link(world: World) -> None:
    folder = world.incoming / "link-refused.part"
    folder.mkdir()
    (folder / "package.json").write_text("{}", encoding="utf-8")
    (folder / "geheim.txt").symlink_to("/etc/hostname")
    folder.rename(world.incoming / "link-refused")


BAD: dict[str, Callable[[World], None]] = {
    "manifest-unreadable": lambda world: world.drop_file("manifest-unreadable.yaml", "a: [1"),
    "manifest-invalid": lambda world: world.drop_file("manifest-invalid.json", manifest(haast="ja")),
    "format-unknown": lambda world: world.drop_file("format-unknown.json", manifest(format="sluis-package/9")),
    "recipient-unknown": lambda world: world.drop_file("recipient-unknown.json", manifest(recipients=["niemand"])),
    "purpose-unknown": lambda world: world.drop_file("purpose-unknown.json", manifest(purpose="zomaar")),
    "manifest-missing": lambda world: world.drop("manifest-missing", {"brief.txt": "x"}),
    "package-empty": lambda world: world.drop("package-empty", {"package.json": manifest(data=None)}),
    "document-missing": lambda world: world.drop("document-missing", {"package.json": manifest(documents=[DOCUMENT])}),
    "document-undeclared": lambda world: world.drop("document-undeclared", {"package.json": manifest(), "a.txt": "x"}),
    "document-digest-mismatch": lambda world: world.drop(
        "document-digest-mismatch",
        {"package.json": manifest(documents=[{**DOCUMENT, "sha256": "0" * 64}]), "brief.txt": "x"},
    ),
    "sender-mismatch": lambda world: world.drop_file(
        "sender-mismatch.json", manifest(sender={"organisation": "COA", "name": "x"})
    ),
    "link-refused": link,
    "archive-unsafe": lambda world: world.drop_file(
        "archive-unsafe.zip", zipped({"package.json": b"{}", "bom.txt": bytes(300_000_000)})
    ),
}
ENDINGS = {
    "manifest-missing": "",
    "package-empty": "",
    "document-missing": "",
    "document-undeclared": "",
    "document-digest-mismatch": "",
    "link-refused": "",
    "manifest-unreadable": ".yaml",
    "archive-unsafe": ".zip",
}


@pytest.mark.parametrize("code", sorted(BAD))
def test_a_bad_package_is_given_back_unchanged_with_its_code_and_sentence(world: World, code: str) -> None:
    entry = code + ENDINGS.get(code, ".json")
    BAD[code](world)

    slip = world.slip(entry)

    assert ("rejected", code, "3-Actie nodig") == (slip["state"], slip["code"], slip["folder"])
    # The slip is written before the entry is given back, so that a crash in between can not leave one without it.
    until(lambda: os.path.lexists(world.outbox / "3-Actie nodig" / entry))
    text = next((world.outbox / "3-Actie nodig").glob(f"{entry}.*.txt")).read_text(encoding="utf-8-sig")
    assert PROBLEMS[Code(code)].remedy.partition("{")[0] in " ".join(text.split())


def test_a_name_that_is_no_utf_8_is_given_back(world: World) -> None:
    name = os.fsdecode(b"na\xefef.json")
    world.drop_file(name, manifest())

    found = world.outbox / "3-Actie nodig" / name
    until(lambda: os.path.lexists(found))

    assert not os.path.lexists(world.outbox / "2-In behandeling" / name)


def test_the_service_goes_on_after_all_of_it(world: World) -> None:
    world.drop_file("daarna.json", manifest())

    assert "done" == world.slip("daarna.json", "done")["state"]
