import asyncio
import logging
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from gateway.bootstrap.service_log import configure_service_log
from gateway.bootstrap.watch import report_request
from gateway.package.errors import Code, SluisError

ROOT = Path(__file__).parents[3]
# The person who must never be seen; none of this may reach the log, whatever happens.
CANARY = ("Zoë Ångström-Jansen", "111222333", "0123456789", "zoe@post.example", "1990-05-01", "01-05-1990")
PACKAGE = "0198f0de-7e21-7c3a-9d52-0123456789ab"


@pytest.fixture(autouse=True)
def _put_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what the log changes of Python: hooks, handlers, warnings, structlog's own settings."""
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "service.jsonl"


def written(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def raise_with(text: str) -> None:
    raise ValueError(text)


def test_an_event_is_one_line_with_time_level_name_and_known_keys(path: Path) -> None:
    configure_service_log(path, strict=True)
    structlog.get_logger().info("package-sealed", package=PACKAGE, attempt=2, code=Code.MAIL_DEFERRED, seconds=0.25)
    (line,) = written(path)
    assert line.pop("@timestamp").endswith("Z")
    assert {
        "event.action": "package-sealed",
        "log.level": "info",
        "gateway.package.id": PACKAGE,
        "gateway.attempt": 2,
        "error.code": "mail-deferred",
        "gateway.seconds": 0.25,
    } == line


@pytest.mark.parametrize("value", [*CANARY, "two\nlines", "x" * 100, 7, None.__class__, ["a"], {"a": 1}])
def test_a_value_not_of_its_form_is_dropped_and_counted_in_production(path: Path, value: object) -> None:
    configure_service_log(path, strict=False)
    structlog.get_logger().info("package-held", recipient=value, reason=value)
    (line,) = written(path)
    assert 2 == line["log.dropped_keys"]
    assert "package-held" == line["event.action"]


@pytest.mark.parametrize("key", ["name", "subject", "message", "v_number", "exception", "stack"])
def test_an_unknown_key_is_dropped_in_production_and_named_in_tests(path: Path, key: str) -> None:
    configure_service_log(path, strict=False)
    structlog.get_logger().info("package-held", **{key: CANARY[0]})
    assert 1 == written(path)[0]["log.dropped_keys"]
    configure_service_log(path, strict=True)
    with pytest.raises(ValueError, match=key) as caught:
        structlog.get_logger().info("package-held", **{key: CANARY[0]})
    assert CANARY[0] not in str(caught.value)


def test_a_value_used_as_a_key_is_not_repeated_either(path: Path) -> None:
    configure_service_log(path, strict=True)
    with pytest.raises(ValueError, match="an odd key"):
        structlog.get_logger().info("package-held", **{CANARY[1]: 1})


@pytest.mark.parametrize("event", [*CANARY, "Package held", "held: %s", "a\nb", ""])
def test_free_text_in_place_of_an_events_name_is_not_written(path: Path, event: str) -> None:
    configure_service_log(path, strict=False)
    structlog.get_logger().warning(event)
    assert "event-without-name" == written(path)[0]["event.action"]


def test_an_exception_is_written_as_its_type_place_and_code_and_never_as_its_text(path: Path) -> None:
    configure_service_log(path, strict=True)
    try:
        raise_with(f"BSN {CANARY[1]}")
    except ValueError:
        structlog.get_logger().exception("package-failed")
    structlog.get_logger().error("package-failed", exc_info=SluisError(Code.SEAL_FAILED, where=CANARY[0]))
    first, second = written(path)
    assert ("builtins.ValueError", f"{__name__}.raise_with") == (first["error.type"], first["gateway.error.function"])
    assert "seal-failed" == second["error.code"]
    assert_no_canary(path)


def test_attack_a_preview_that_fails_is_logged_by_type_and_function_and_never_by_its_text(path: Path) -> None:
    configure_service_log(path, strict=True)
    try:
        raise_with(f"BSN {CANARY[1]}")
    except ValueError as error:
        report_request(CANARY[0], error)
    (line,) = written(path)
    assert ("request-failed", "internal-error") == (line["event.action"], line["error.code"])
    assert ("builtins.ValueError", f"{__name__}.raise_with") == (line["error.type"], line["gateway.error.function"])
    assert_no_canary(path)


def test_what_libraries_say_is_kept_as_their_name_level_and_place_only(path: Path) -> None:
    configure_service_log(path, strict=True)
    for name in ("uvicorn.error", "asyncio", "aiosmtplib", "watchfiles.main", "elsewhere"):
        logging.getLogger(name).warning("about %s", CANARY[0])
    try:
        raise_with(CANARY[2])
    except ValueError:
        logging.getLogger("uvicorn.error").exception(CANARY[3], extra={"subject": CANARY[0]})
    lines = written(path)
    assert {"library-message"} == {line["event.action"] for line in lines}
    assert ["uvicorn.error", "asyncio", "aiosmtplib", "watchfiles.main", "elsewhere", "uvicorn.error"] == [
        line["log.logger"] for line in lines
    ]
    assert ("error", "builtins.ValueError") == (lines[-1]["log.level"], lines[-1]["error.type"])
    assert_no_canary(path)


@pytest.mark.parametrize(("level", "expected"), [(35, "warning"), (99, "critical"), (50, "critical")])
def test_a_librarys_own_level_is_rounded_down(path: Path, level: int, expected: str) -> None:
    configure_service_log(path, strict=True)
    logging.getLogger("elsewhere").log(level, "anything")
    assert expected == written(path)[0]["log.level"]


def test_the_chatter_of_libraries_is_not_heard(path: Path) -> None:
    configure_service_log(path, strict=True)
    logging.getLogger("uvicorn.access").info("GET /v1/packages")
    assert not written(path)


def test_a_warning_of_python_becomes_a_line_without_its_text(path: Path) -> None:
    configure_service_log(path, strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(CANARY[0], UserWarning, stacklevel=1)
    assert "py.warnings" == written(path)[0]["log.logger"]
    assert_no_canary(path)


async def test_a_task_that_nobody_awaited_leaves_no_text_of_its_exception(path: Path) -> None:
    configure_service_log(path, strict=True)
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": CANARY[0], "exception": ValueError(CANARY[1])})
    assert ("asyncio", "builtins.ValueError") == (written(path)[0]["log.logger"], written(path)[0]["error.type"])
    assert_no_canary(path)


def test_what_is_bound_for_one_package_is_on_each_of_its_lines(path: Path) -> None:
    configure_service_log(path, strict=True)
    structlog.contextvars.bind_contextvars(package=PACKAGE)
    structlog.get_logger().info("package-sealed")
    assert PACKAGE == written(path)[0]["gateway.package.id"]


def test_a_lower_level_than_asked_for_is_not_written(path: Path) -> None:
    configure_service_log(path, strict=True, level=logging.WARNING)
    structlog.get_logger().info("package-sealed")
    assert not written(path)


def test_a_value_that_is_an_enum_is_written_as_its_text(path: Path) -> None:
    class Colour(StrEnum):
        RED = "red"

    configure_service_log(path, strict=True)
    structlog.get_logger().info("package-sealed", state=Colour.RED)
    assert "red" == written(path)[0]["gateway.state"]


def test_a_log_that_can_not_be_written_does_not_stop_the_work() -> None:
    configure_service_log(Path("/dev/full"), strict=True)
    structlog.get_logger().info("package-sealed")


def test_lines_are_appended_and_not_open_to_everybody(path: Path) -> None:
    for _ in range(2):
        configure_service_log(path, strict=True)
        structlog.get_logger().info("service-started")
    assert 2 == len(written(path))
    assert not path.stat().st_mode & 0o007


_DYING = """
import threading, sys
from pathlib import Path
from gateway.bootstrap.service_log import configure_service_log
configure_service_log(Path(sys.argv[1]) if sys.argv[1] else None, strict=False)
def fail():
    raise KeyError(sys.argv[2])
class Leaves:
    def __del__(self):
        fail()
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Leaves()
fail()
"""


def test_a_process_that_dies_of_an_exception_tells_its_type_and_not_its_text(path: Path) -> None:
    died = subprocess.run(
        [sys.executable, "-c", _DYING, path, CANARY[0]], cwd=ROOT, capture_output=True, check=False, timeout=60
    )
    assert 1 == died.returncode
    assert 3 * b"sluis: uncaught KeyError; the service log tells where\n" == died.stderr
    assert 3 * ["builtins.KeyError"] == [line["error.type"] for line in written(path)]
    assert_no_canary(path)


def test_without_a_file_the_lines_go_to_standard_error() -> None:
    died = subprocess.run(
        [sys.executable, "-c", _DYING, "", CANARY[0]], cwd=ROOT, capture_output=True, check=False, timeout=60
    )
    assert 3 == sum(line.startswith(b"{") for line in died.stderr.splitlines())
    assert not [part for part in CANARY if part.encode() in died.stderr]


_SHOWING = """
import structlog
from pathlib import Path
from gateway.bootstrap.service_log import configure_service_log
configure_service_log(Path("/dev/null"), strict=False, console=True)
structlog.get_logger().warning("package-held", reason="key-expired", name="%s")
"""


def test_on_a_terminal_people_see_a_line_with_the_same_keys_only() -> None:
    leader, follower = os.openpty()
    subprocess.run([sys.executable, "-c", _SHOWING % CANARY[1]], cwd=ROOT, stderr=follower, check=True, timeout=60)
    os.close(follower)
    shown = os.read(leader, 4096).decode()
    os.close(leader)
    assert "package-held" in shown
    assert "key-expired" in shown
    assert CANARY[1] not in shown


def assert_no_canary(path: Path) -> None:
    """Find no part of the canary, as it is or as JSON or URL would escape it."""
    content = path.read_text(encoding="utf-8").casefold()
    forms = {form for part in CANARY for form in (part.casefold(), orjson.dumps(part).decode()[1:-1].casefold())}
    assert not [form for form in forms if form in content]
