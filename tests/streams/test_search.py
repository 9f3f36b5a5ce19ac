"""A search finds what a search of the whole text in memory finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_crdt_outputs.errors import InvalidPattern
from jupyter_crdt_outputs.model import segments
from jupyter_crdt_outputs.store import ArtifactStore, open_store
from jupyter_crdt_outputs.streams import search as search_module
from jupyter_crdt_outputs.streams.search import Search

from .test_view import view_of

Hit = tuple[int, int, int]


@pytest.fixture
def store() -> ArtifactStore:
    return open_store("memory://searches")


def found(store: ArtifactStore, text: str, search: Search) -> list[Hit]:
    return [hit for progress in search.run(view_of(store, text)) for hit in progress.hits]


def expected(text: str, pattern: str, flags: int = 0) -> list[Hit]:
    hits = []
    for number, line in enumerate(text.split("\n")):
        for match in re.finditer(pattern, line, flags):
            if match.group():
                hits.append((number, units(line[: match.start()]), units(match.group())))
    return hits


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text("abA\né🎉", max_size=60),
    query=st.text("abAé🎉", min_size=1, max_size=3),
    match_case=st.booleans(),
    is_regex=st.booleans(),
)
def test_every_hit_is_found_once_with_its_line_and_column(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch, text: str, query: str, match_case: bool, is_regex: bool
) -> None:
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 7)
    hits = found(store, text, Search(query, is_regex=is_regex, match_case=match_case))
    assert hits == expected(text, re.escape(query), 0 if match_case else re.IGNORECASE)


@pytest.mark.parametrize("pattern", ["a+", "^b", "a$", "[^a]+", r"a|é", ".", "x*"])
def test_regular_expressions_stay_within_lines(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 7)
    text = "aab🎉é a\nb\n\nbaa\nx"
    if pattern == "[^a]+":
        hits = found(store, text, Search(pattern, is_regex=True, match_case=True))
        assert hits[0] == (0, 2, 5)
        assert all(length > 0 for _line, _column, length in hits)
    else:
        assert found(store, text, Search(pattern, is_regex=True, match_case=True)) == expected(text, pattern)


@pytest.mark.parametrize(("query", "is_regex"), [("", False), ("", True), ("(", True), ("a\nb", False)])
def test_what_cannot_be_searched_for_is_refused(query: str, is_regex: bool) -> None:
    with pytest.raises(InvalidPattern):
        Search(query, is_regex=is_regex)


def test_an_expression_that_would_take_for_ever_ends_with_a_word_about_it(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "_BLOCK_S", 0.2)
    with pytest.raises(InvalidPattern, match="too long"):
        found(store, "a" * 5000 + "!", Search(r"(?:a|a|aa)+$", is_regex=True))


def test_progress_says_how_far_the_search_has_come(store: ArtifactStore) -> None:
    text = "some line\n" * 300_000
    progress = list(Search("nothing like it").run(view_of(store, text)))
    assert [each.scanned for each in progress][-1] == len(text)
    assert len(progress) >= 3
