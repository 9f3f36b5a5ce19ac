"""The Range header, for any text and size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_crdt_outputs.web.ranges import parse_range

sizes = st.integers(0, 10**12)


@given(st.text() | st.from_regex(r"bytes=[0-9]{0,25}-[0-9]{0,25}(,[0-9]*-[0-9]*)?"), sizes)
def test_any_header_asks_for_bytes_that_exist_or_for_none_or_for_the_whole(header: str, size: int) -> None:
    asked = parse_range(header, size)
    assert not asked or 0 <= asked.start < asked.stop <= size


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 200))
def test_a_range_is_a_slice_with_its_last_byte_included(first: int, last: int, size: int) -> None:
    data = bytes(range(200))[:size]
    asked = parse_range(f"bytes={first}-{last}", size)
    if last < first:
        assert asked is None
    else:
        assert asked is not None
        assert data[asked.start : asked.stop] == data[first : last + 1]
        suffix = parse_range(f"bytes=-{last}", size)
        assert suffix is not None
        assert data[suffix.start : suffix.stop] == (data[-last:] if last else b"")
