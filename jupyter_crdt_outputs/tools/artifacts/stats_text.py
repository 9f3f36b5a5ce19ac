"""``stats`` in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..output import count_text, print_table, size_text

_SHOWN = 20


def print_stats(report: Mapping[str, Any]) -> None:
    """The same report that ``--json`` gives, the largest notebooks only."""
    print(f"{report['store']}: {count_text(report['artifacts'], 'artifact')}, {size_text(report['bytes'])}")
    if report["waiting"]["artifacts"]:
        each = report["waiting"]
        print(
            f"on this machine, not yet stored: {count_text(each['artifacts'], 'artifact')}, {size_text(each['bytes'])}"
        )
    for area in ("trash", "quarantine"):
        each = report[area]
        if each["artifacts"]:
            print(f"in the {area}: {count_text(each['artifacts'], 'artifact')}, {size_text(each['bytes'])}")
    for title in ("by_age", "by_type"):
        rows = [(name, each) for name, each in report[title].items() if each["artifacts"]]
        if rows:
            print(f"\n{title.replace('_', ' ')}")
            print_table(
                ((f"  {name}", f"{each['artifacts']:,}", size_text(each["bytes"])) for name, each in rows),
                right=frozenset((1, 2)),
            )
    notebooks = [each for each in report["notebooks"] if each["artifacts"] or each["missing"]]
    print(f"\nby notebook ({count_text(len(report['notebooks']), 'notebook')} below {', '.join(report['roots'])})")
    rows_ = [
        (
            f"  {each['path']}",
            f"{each['artifacts']:,}",
            size_text(each["bytes"]),
            f"{len(each['missing'])} missing" if each["missing"] else "",
        )
        for each in notebooks[:_SHOWN]
    ]
    if rows_:
        print_table(rows_, right=frozenset((1, 2)))
    if len(notebooks) > _SHOWN:
        print(f"  and {len(notebooks) - _SHOWN:,} more; --json has all")
