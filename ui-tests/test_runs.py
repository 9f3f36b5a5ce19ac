"""Who ran a cell and how it ended, what is stale, and what cells ask for that the server runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect
from tab import Open, Tab, Write

from jupyter_crdt_outputs.client import Client, Selector
from jupyter_crdt_outputs.testing.server import LabServer

SETTINGS = "lab/api/settings/jupyter-crdt-outputs:plugin"


def mark(tab: Tab, index: int) -> Locator:
    return tab.cell(index).locator(".jp-CrdtRun")


def expect_mark(tab: Tab, index: int, label: str) -> None:
    expect(mark(tab, index)).to_have_attribute("aria-label", re.compile(label))


def run_cell(tab: Tab, index: int) -> None:
    tab.cell(index).locator(".cm-content").click()
    tab.page.keyboard.press("Control+Enter")


def heights(tab: Tab) -> Any:
    return tab.page.evaluate("() => [...document.querySelectorAll('.jp-Cell')].map(cell => cell.offsetHeight)")


def name_of(tab: Tab) -> str:
    name = tab.page.evaluate("() => window.jupyterapp.serviceManager.user.identity.name")
    assert isinstance(name, str)
    return name


def run_over_http(tab: Tab, *cells: object) -> None:
    """As a program does that has this user's rights."""
    tab.page.evaluate(
        """async body => {
            const xsrf = document.cookie.match(/_xsrf=([^;]*)/)[1];
            const headers = { 'X-XSRFToken': decodeURIComponent(xsrf) };
            const init = { method: 'POST', headers, body: JSON.stringify(body) };
            const response = await fetch('/api/crdt-outputs/executions', init);
            if (!response.ok) throw new Error(await response.text());
        }""",
        {"path": tab.path, "cells": list(cells)},
    )


def restart(tab: Tab) -> None:
    tab.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")


def box(tab: Tab) -> Locator:
    return tab.page.locator(".jp-CrdtPrompt input")


@pytest.fixture
def settings(server: LabServer) -> Iterator[Any]:
    """``settings(**values)``: what all users have set, until the test is over."""

    def put(**values: object) -> None:
        server.request(SETTINGS, method="PUT", body={"raw": json.dumps(values)})

    yield put
    put()


def test_a_cell_says_who_ran_it_and_is_stale_until_it_is_run_again(
    server: LabServer, write: Write, open_tab: Open
) -> None:
    path = write("x = 1", "print(x + 1)")
    ada, bob = open_tab(path, "ada"), open_tab(path, "bob")
    for tab in (ada, bob):  # whereby everybody learns that they are here
        tab.cell(0).locator(".cm-content").click()
    ada.run_all()
    expect_mark(ada, 1, r"^Ran in .*\. you$")
    expect_mark(bob, 1, rf"^Ran in .*\. {name_of(ada)}$")
    run_over_http(bob, {"index": 1})
    expect_mark(ada, 1, rf"^Ran in .*\. {name_of(bob)}$")
    with Client(server.url, server.token) as nobody_known:
        nobody_known.wait(nobody_known.start(path, [Selector("index", 1)], claimed_name="Grace"))
    for tab in (ada, bob):
        expect_mark(tab, 1, r"^Ran in .*\. somebody who goes by “Grace”$")
    as_before = heights(ada)
    ada.cell(0).locator(".cm-content").click()
    ada.page.keyboard.press("End")
    ada.page.keyboard.type("1")
    for tab in (ada, bob):
        expect_mark(tab, 0, "^Stale: the source has changed since")
        expect(mark(tab, 0)).to_have_text(re.compile("stale"))
        expect_mark(tab, 1, r"^Stale: cell \[1\] has changed since")
    run_cell(ada, 0)
    expect_mark(ada, 1, r"^Stale: cell \[5\] was run after it")
    assert heights(ada) == as_before
    # By the keyboard alone: the card, its link, and back.
    ada.page.keyboard.press("Escape")
    mark(ada, 1).focus()
    ada.page.keyboard.press("Enter")
    card = ada.page.get_by_role("dialog", name="Run of this cell")
    expect(card).to_contain_text("the server")
    for theme in ("Dark", "Light"):
        ada.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", f"JupyterLab {theme}"
        )
        expect(ada.page.locator("#jupyterlab-splash")).to_have_count(0)
        mark(ada, 1).press("Enter")
        ada.photograph(f"runs-{theme.lower()}")
    ada.page.keyboard.press("Enter")
    ada.page.wait_for_function("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex === 0")
    ada.command("crdt-outputs:run-stale")
    expect(ada.output(1)).to_have_text("12")
    for tab in (ada, bob):
        expect_mark(tab, 0, "^Ran in")
        expect_mark(tab, 1, "^Ran in")
    restart(ada)
    bob.cell(1).locator(".cm-content").fill("print(x + 2)")
    expect_mark(ada, 1, "^Stale: the source has changed since")
    ada.command("crdt-outputs:run-stale")
    expect(ada.output(1)).to_have_text("13")
    expect(ada.count(0)).to_have_text("[1]:")
    assert ada.complaints == bob.complaints == []


def test_whoever_answers_first_gives_what_a_cell_asks_for_that_the_server_runs(
    server: LabServer, write: Write, open_tab: Open
) -> None:
    path = write("print('Hello', input('Name? '))", "import getpass\nlen(getpass.getpass('Word? '))")
    ada, bob = open_tab(path, "ada"), open_tab(path, "bob")
    run_over_http(ada, {"index": 0}, {"index": 1})
    expect(box(ada)).to_be_visible()
    expect(box(bob)).to_have_accessible_name("Name? ")
    bob.photograph("runs-prompt")
    box(bob).fill("Grace")
    box(bob).press("Enter")
    for tab in (ada, bob):
        expect(tab.output(0)).to_contain_text("Hello Grace")
        expect(tab.cell(0).locator(".jp-CrdtPrompt")).to_have_count(0)
        expect(tab.cell(1).locator(".jp-CrdtPrompt input")).to_have_attribute("type", "password")

    def somebody_is_quicker(route: Route) -> None:
        server.request(route.request.url.removeprefix(server.url), method="POST", body={"value": "sesame"})
        route.continue_()

    ada.page.route(re.compile("/executions/.*/input"), somebody_is_quicker)
    box(ada).fill("too late")
    box(ada).press("Enter")
    expect(ada.page.get_by_role("alert")).to_contain_text("Somebody else was quicker")
    for tab in (ada, bob):
        expect(box(tab)).to_have_count(0)
        expect(tab.output(1)).to_contain_text("6")
    assert "sesame" not in json.dumps(ada.document())
    [complaint] = ada.complaints
    assert "409" in complaint
    assert bob.complaints == []


def test_what_reads_from_a_cell_is_run_again_for_those_who_want_that(
    settings: Any, write: Write, open_tab: Open
) -> None:
    settings(rerunStale=True, runs="always")
    ada = open_tab(write("x = 1", "y = 10", "print('x is', x)", "print('again', x + y)"), "ada")
    ada.run_all()
    expect(mark(ada, 3)).to_contain_text("you · just now")
    restart(ada)  # so that it has to run what these read from, too
    ada.cell(0).locator(".cm-content").fill("x = 2")
    run_cell(ada, 0)
    expect(ada.output(2)).to_have_text("x is 2")
    expect(ada.output(3)).to_have_text("again 12")
    expect_mark(ada, 2, "^Ran in")
    ada.photograph("runs-always")
    assert [cell["execution_count"] for cell in ada.document()["cells"]] == [1, 2, 3, 4]
    assert ada.complaints == []
