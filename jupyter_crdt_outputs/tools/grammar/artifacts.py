"""What can be said about a store and what is in it."""

from __future__ import annotations

from pathlib import Path

from .arguments import DIGEST, Commands, count, may_be_confirmed, takes_digests, takes_notebooks, takes_roots

AREAS = ("artifacts", "trash", "quarantine")


def add(commands: Commands) -> None:
    """The commands that look into a store, keep it in order, and say what stays."""
    _reading(commands)
    _housekeeping(commands)
    _keeping(commands)


def _reading(commands: Commands) -> None:
    ls = commands.add("ls", "artifacts.listing:ls", "list what is in the store; JSON: one line for each artifact")
    ls.add_argument("--sort", choices=("size", "age", "digest"), help="largest, newest, or lowest first; else unsorted")
    ls.add_argument("--reverse", action="store_true", help="the other way round")
    ls.add_argument("--limit", type=count, metavar="N", help="no more than N lines")
    ls.add_argument("--area", choices=AREAS, default=AREAS[0], help="look into the trash or the quarantine instead")

    cat = commands.add("cat", "artifacts.reading:cat", "write an artifact's bytes, verified, to the terminal or a file")
    takes_digests(cat, "digest")
    cat.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE, whole or not at all")

    stats = commands.add("stats", "artifacts.stats:stats", "count what is in the store, by age, type and notebook")
    takes_roots(stats, "look for notebooks in DIR too; default: the server's root")

    doctor = commands.add("doctor", "doctor.doctor:doctor", "say what is configured and installed, and what is wrong")
    doctor.add_argument("--no-write", action="store_true", help="do not try whether the store can be written")


def _housekeeping(commands: Commands) -> None:
    verify = commands.add(
        "verify", "artifacts.verification:verify", "hash artifacts again; move corrupt ones to quarantine"
    )
    takes_digests(verify, "digests", DIGEST + "; none: all that are there", nargs="*")
    takes_notebooks(verify, "what this notebook's outputs are stored as")
    verify.add_argument("--dry-run", action="store_true", help="only tell what is corrupt")
    verify.add_argument("--threads", type=count, metavar="N", help="how many artifacts at once")

    copy = commands.add("copy", "artifacts.copying:copy", "copy a store; skips what is there already", store=False)
    copy.add_argument("source", metavar="FROM", help="a path or URL")
    copy.add_argument("target", metavar="TO", help="a path or URL")
    copy.add_argument("--dry-run", action="store_true", help="only tell what would be copied")

    gc = commands.add("gc", "artifacts.collecting:gc", "say what nobody refers to any more; with --delete, let it go")
    gc.add_argument("--delete", action="store_true", help="move to the trash, and remove what was there long enough")
    gc.add_argument(
        "--grace-days", type=float, metavar="N", help="keep so long what is not in use, and then in the trash"
    )
    takes_roots(gc, "respect what notebooks in DIR refer to, from now on; give it with every --delete")
    gc.add_argument("--forget", metavar="SERVER", help="wait for this server no longer: it is gone for good")
    may_be_confirmed(gc)


def _keeping(commands: Commands) -> None:
    pin = commands.add("pin", "artifacts.keeping:pin", "keep artifacts whatever refers to them; without any, list them")
    takes_digests(pin, "digests", nargs="*")
    takes_notebooks(pin, "all that this notebook's outputs are stored as")
    pin.add_argument("--reason", default="", metavar="TEXT", help="why, for people")

    unpin = commands.add("unpin", "artifacts.keeping:unpin", "let pinned artifacts go as others do")
    takes_digests(unpin, "digests", nargs="*")
    takes_notebooks(unpin, "all that this notebook's outputs are stored as")

    purge = commands.add(
        "purge", "artifacts.purging:purge", "remove artifacts for good, and refuse their bytes ever after"
    )
    takes_digests(purge, "digests", nargs="+")
    purge.add_argument("--reason", default="", metavar="TEXT", help="why; whoever asks for it is told")
    may_be_confirmed(purge)
