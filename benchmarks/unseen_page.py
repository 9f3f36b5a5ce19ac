"""A page in a browser that Playwright started but does not look into."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

from playwright.sync_api import Browser

_TIMEOUT_S = 60.0
_PAUSE_S = 0.002


class UnseenPage:
    """Speaks to one page by the DevTools protocol.

    Playwright has the browser keep the bodies of all answers that a page of its own gets, in that page's process: a
    hundred megabytes of them cannot be told from a leak of the page's.

    Args:
        browser: where the page is opened, in a context of its own.
        script: is run in the page before everything else.
    """

    def __init__(self, browser: Browser, script: str, *, width: int, height: int) -> None:
        self._browser = browser.new_browser_cdp_session()
        self._browser.on("Target.receivedMessageFromTarget", self._on_message)
        self._numbers = itertools.count(1)
        self._answers: dict[int, Any] = {}
        self._context = self._browser.send("Target.createBrowserContext")["browserContextId"]
        target = self._browser.send(
            "Target.createTarget", {"url": "about:blank", "browserContextId": self._context, "newWindow": True}
        )
        attached = self._browser.send("Target.attachToTarget", {"targetId": target["targetId"], "flatten": False})
        self._session = attached["sessionId"]
        self.send("Page.enable")
        self.send("Page.addScriptToEvaluateOnNewDocument", source=script)
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def send(self, method: str, **parameters: Any) -> Any:
        """One command, and its answer."""
        number = next(self._numbers)
        message = json.dumps({"id": number, "method": method, "params": parameters})
        self._browser.send("Target.sendMessageToTarget", {"sessionId": self._session, "message": message})
        deadline = time.monotonic() + _TIMEOUT_S
        while number not in self._answers:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no answer to {method}")
            self._browser.send("Browser.getVersion")  # events come in while something is waited for
            time.sleep(_PAUSE_S)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def evaluate(self, expression: str) -> Any:
        """The value of an expression, awaited if it is a promise."""
        answer = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """The value of an expression as soon as there is one."""
        deadline = time.monotonic() + _TIMEOUT_S
        while (value := self.evaluate(expression)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"in vain: {expression}")
            time.sleep(0.05)
        return value

    def close(self) -> None:
        """Close the page and its context."""
        self._browser.send("Target.disposeBrowserContext", {"browserContextId": self._context})
        self._browser.detach()

    def _on_message(self, event: Any) -> None:
        message = json.loads(event["message"])
        if event["sessionId"] == self._session and "id" in message:
            self._answers[message["id"]] = message
