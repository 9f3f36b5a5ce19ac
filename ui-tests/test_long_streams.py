"""Cells that print more than anybody reads, while they print it and after."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Locator, expect
from tab import Open, Tab, Write, long

MANY = """
for n in range(300_000):
    print(f"line {n:06d}", "\\x1b[31mred\\x1b[0m" if n % 1000 == 0 else "and so on")
"""
SLOW = """
import time
print("\\n".join(f"before {n}" for n in range(200_000)))
for n in range(150):
    print(f"step {n}", flush=True)
    time.sleep(0.1)
print("the end")
"""
MIXED = """
import sys
line = "\\x1b[1;33mwarning\\x1b[0m see https://example.org/a or javascript://x and <b>not bold</b>\\n"
sys.stderr.write(line * 30_000 + "x" * 100_000 + "\\nlast\\n")
"""


class Log:
    """A long stream in a browser, as somebody sees it."""

    def __init__(self, tab: Tab, index: int) -> None:
        self.tab = tab
        self.node = tab.show(index).locator(".jp-CrdtLog")
        self.text = self.node.get_by_role("log")
        self.status = self.node.locator(".jp-CrdtLog-status")
        self.state = self.node.locator(".jp-CrdtLog-state")
        self.count = self.node.locator(".jp-CrdtLog-count")

    def press(self, name: str) -> None:
        """Press a button of the toolbar."""
        self.node.get_by_role("button", name=name).click()

    def go_to(self, line: int) -> None:
        """Type a line's number."""
        box = self.node.get_by_label("Go to a Line by Its Number")
        box.fill(str(line))
        box.press("Enter")

    def find(self, text: str) -> None:
        """Search as the keyboard allows."""
        self.text.focus()
        self.tab.page.keyboard.press("Control+f")
        self.node.get_by_label("Find in all of this output").fill(text)

    def line(self, text: str) -> Locator:
        """A line of exactly this text."""
        return self.text.locator(".jp-CrdtLog-line", has_text=re.compile(f"^{re.escape(text)}$"))

    def elements(self) -> int:
        """How many elements the page has for the stream."""
        return int(self.node.evaluate("node => node.querySelectorAll('*').length"))

    def number(self) -> int:
        """What the first line that is seen says of its number."""
        return int(self.top().split()[1])

    def top(self) -> str:
        """The first line that is seen."""
        return str(
            self.text.evaluate(
                """region => [...region.querySelectorAll('.jp-CrdtLog-line')].find(
                    line => line.offsetTop + line.offsetHeight > region.scrollTop + 3).textContent"""
            )
        )


def test_a_stream_of_300000_lines_is_read_and_searched_in_two_browsers(write: Write, open_tab: Open) -> None:
    path = write(MANY)
    ada, bob = open_tab(path, "ada"), open_tab(path, "bob")
    ada.run_all()
    for name, tab in (("ada", ada), ("bob", bob)):
        log = Log(tab, 0)
        expect(log.line("line 299999 and so on")).to_be_in_viewport()
        expect(log.status).to_contain_text("300,000 of 300,000")
        tab.photograph(f"long-{name}-end")
        log.press("Go to the First Line")
        expect(log.line("line 000000 red")).to_be_in_viewport()
        expect(log.line("line 000000 red").locator(".ansi-red-fg")).to_have_text("red")
        log.go_to(150_001)
        expect(log.line("line 150000 red")).to_be_in_viewport()
        log.find("line 2345")
        expect(log.count).to_have_text("1 of 100")
        expect(log.line("line 234500 and so on")).to_be_in_viewport()
        expect(log.node.locator(".jp-mod-current")).to_have_text("line 2345")
        log.press("Next Match")
        expect(log.count).to_have_text("2 of 100")
        tab.photograph(f"long-{name}-found")
        assert log.elements() < 5_000
        assert len(json.dumps(tab.document())) < 10_000
        assert tab.complaints == []


@long
def test_scrolling_reaches_every_line_and_the_page_stays_small(write: Write, open_tab: Open) -> None:
    ada = open_tab(write(MANY), "ada")
    ada.run_all()
    log = Log(ada, 0)
    log.go_to(1001)
    expect(log.line("line 001000 red")).to_be_in_viewport()
    log.text.hover()
    seen = []
    for wanted in range(2_000, 6_000, 1_000):
        while log.number() < wanted:
            ada.page.mouse.wheel(0, 2_000)
            ada.page.wait_for_timeout(50)
        seen.append(log.elements())
    assert max(seen) < 5_000
    while log.number() > 0:
        ada.page.mouse.wheel(0, -4_000)
        ada.page.wait_for_timeout(50)
    assert ada.complaints == []


@long
def test_a_stream_is_followed_until_one_scrolls_back_and_stays_where_one_reads_when_it_ends(
    write: Write, open_tab: Open
) -> None:
    path = write(SLOW)
    ada, bob = open_tab(path, "ada"), open_tab(path, "bob")
    ada.start_all()
    hers, his = Log(ada, 0), Log(bob, 0)
    for log in (hers, his):
        expect(log.state).to_have_text("Following")
        expect(log.text).to_contain_text("step 9")
    hers.text.hover()
    ada.page.mouse.wheel(0, -900)
    expect(hers.state).to_have_text("Still being written")
    place = hers.top()
    ada.photograph("long-scrolled-back")
    expect(his.line("step 40")).to_be_in_viewport()
    bob.photograph("long-following")
    assert hers.top() == place
    hers.press("Go to the End and Follow")
    expect(hers.state).to_have_text("Following")
    expect(hers.line("step 60")).to_be_in_viewport()
    hers.text.hover()
    ada.page.mouse.wheel(0, -900)
    expect(hers.state).to_have_text("Still being written")
    place = hers.top()
    expect(his.line("the end")).to_be_in_viewport()
    expect(his.state).to_have_text("")
    ada.page.wait_for_function(
        "() => JSON.stringify(window.jupyterapp.shell.currentWidget.model.sharedModel.toJSON()).includes('\"index\"')"
    )
    ada.photograph("long-ended")
    assert hers.top() == place
    assert ada.complaints == []
    assert bob.complaints == []


def test_colours_links_and_keys_are_those_of_the_text_alone(write: Write, open_tab: Open) -> None:
    ada = open_tab(write(MIXED), "ada")
    ada.run_all()
    log = Log(ada, 0)
    expect(log.node).to_have_attribute("data-mime-type", "application/vnd.jupyter.stderr")
    expect(log.text.locator("[data-note]")).to_have_attribute("data-note", re.compile("100 kB"))
    log.go_to(15_000)
    line = log.text.locator(".jp-CrdtLog-line", has_text="not bold").first
    expect(line.locator(".ansi-yellow-intense-fg.ansi-bold")).to_have_text("warning")
    expect(line.locator("a")).to_have_attribute("href", "https://example.org/a")
    expect(line).to_contain_text("javascript://x and <b>not bold</b>")
    log.text.focus()
    ada.page.keyboard.press("b")
    ada.page.keyboard.press("End")
    expect(log.line("last")).to_be_in_viewport()
    expect(ada.page.locator(".jp-Notebook .jp-Cell")).to_have_count(1)
    log.find("nowhere to be found")
    expect(log.count).to_have_text("Nothing found")
    expect(ada.page.locator(".jp-DocumentSearch-overlay")).to_have_count(0)
    ada.page.keyboard.press("Escape")
    expect(log.text).to_be_focused()
    ada.photograph("long-stderr")
    assert ada.complaints == []
