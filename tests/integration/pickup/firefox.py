"""Drives Debian's Firefox by WebDriver BiDi, which it speaks itself: without geckodriver, in a profile of its own.

The W3C's specification (https://www.w3.org/TR/webdriver-bidi/) names the commands. Certificates of the test's own
authority are taken by `acceptInsecureCerts`.
"""

import json
import os
import shutil
import subprocess
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect

_PATIENCE_SECONDS = 90.0
_ENTER = "\ue007"
_PREFERENCES = {
    "browser.download.folderList": 2,
    "browser.download.useDownloadDir": True,
    "browser.download.always_ask_before_handling_new_types": False,
    "browser.download.manager.addToRecentDocs": False,
    "browser.helperApps.neverAsk.saveToDisk": "application/zip",
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.prefs.recommended": True,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


class Firefox:
    """A running browser, used with `with`; `asked` are the addresses that its pages asked for, `said` complaints."""

    def __init__(self, folder: Path) -> None:
        self.downloads = folder / "downloads"
        self.downloads.mkdir(parents=True)
        profile = folder / "profile"
        profile.mkdir()
        wanted = {**_PREFERENCES, "browser.download.dir": str(self.downloads)}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wanted.items()]
        (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        command = [shutil.which("firefox-esr") or "firefox-esr", "--headless", "--no-remote", "--profile", str(profile)]
        self._process = subprocess.Popen(
            [*command, "--remote-debugging-port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HOME": str(folder)},
            text=True,
        )
        self.asked: list[str] = []
        self.said: list[str] = []
        self._number = 0
        self._reading: list[threading.Thread] = []
        self._ended = ExitStack()
        self._ended.callback(self._stop)

    def __enter__(self) -> Self:
        try:
            self._socket = self._ended.enter_context(connect(f"{self._address()}/session", max_size=None))
            self._begin()
        except BaseException:
            self._ended.close()
            raise
        return self

    def _begin(self) -> None:
        always = {"acceptInsecureCerts": True}
        self.command("session.new", capabilities={"alwaysMatch": always})
        self.command("session.subscribe", events=["network.beforeRequestSent", "log.entryAdded"])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.close()

    def _stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        for reading in self._reading:
            reading.join(30)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _address(self) -> str:
        """Wait for the line that tells where it listens; what it says afterwards is read, so that it never waits."""
        output = self._process.stdout
        assert output is not None
        for line in output:
            if "WebDriver BiDi listening on " in line:
                self._reading.append(threading.Thread(target=output.read))
                self._reading[0].start()
                return line.rpartition(" ")[2].strip()
        raise AssertionError("Firefox ended before it listened")

    def command(self, method: str, **parameters: Any) -> Any:
        """Give one command, and its result; events that come before it are kept."""
        self._number += 1
        connection: ClientConnection = self._socket
        connection.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(connection.recv(timeout=_PATIENCE_SECONDS))
            if message.get("id") == self._number:
                assert "success" == message["type"], message
                return message["result"]
            self._keep(message)

    def _keep(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        if message.get("method") == "network.beforeRequestSent":
            self.asked.append(parameters["request"]["url"])
        elif message.get("method") == "log.entryAdded" and parameters["level"] in ("error", "warn"):
            self.said.append(str(parameters["text"]))

    def open(self, address: str) -> None:
        """Open an address in a tab of its own, whose storage nobody else shares."""
        user = self.command("browser.createUserContext", acceptInsecureCerts=True)["userContext"]
        self._tab = self.command("browsingContext.create", type="tab", userContext=user)["context"]
        self.command("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """Evaluate an expression in the page, and give what it came to, if that is a text, number or truth."""
        target = {"context": self._tab}
        answer = self.command("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert "success" == answer["type"], answer
        return answer["result"].get("value")

    def type(self, selector: str, text: str) -> None:
        """Type into a field, key by key as a person does, and press Enter."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).value = ''")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        keys = [{"type": kind, "value": key} for key in text + _ENTER for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": keys}]
        self.command("input.performActions", context=self._tab, actions=actions)

    def text(self, selector: str) -> str:
        """Give the text of an element, empty while it is hidden."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def until(self, selector: str, wanted: str) -> None:
        """Wait until an element says something."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while wanted not in (found := self.text(selector)):
            assert time.monotonic() < deadline, f"{selector} says {found!r} and not {wanted!r}"
            time.sleep(0.1)

    def downloaded(self, size: int) -> bytes:
        """Wait for the one file that was saved, of this size in bytes; give and forget its content."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        # What ends in .part is still Firefox's: it would come back under its own name after it was forgotten.
        while not (done := [each for each in self.downloads.glob("*.zip") if each.stat().st_size == size]):
            assert time.monotonic() < deadline, [(each.name, each.stat().st_size) for each in self.downloads.iterdir()]
            time.sleep(0.1)
        content = done[0].read_bytes()
        for each in self.downloads.iterdir():
            each.unlink()
        return content
