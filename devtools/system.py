"""Programs that come from the machine's own package manager: a browser, R with its Jupyter kernel, an SFTP server."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSERS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
CHROMIUM = {
    "apt-get": ["chromium", "fonts-dejavu-core"],
    "dnf": ["chromium", "dejavu-sans-fonts"],
    "apk": ["chromium", "font-dejavu"],
    "pacman": ["chromium", "ttf-dejavu"],
    "zypper": ["chromium", "dejavu-fonts"],
    "brew": ["--cask", "chromium"],
}
SFTP_SERVER = {
    "apt-get": ["openssh-server"],
    "dnf": ["openssh-server"],
    "apk": ["openssh-server"],
    "pacman": ["openssh"],
    "zypper": ["openssh-server"],
}
R_KERNEL = {"apt-get": ["r-cran-irkernel"]}
AZURITE = "azurite@3.37.0"
INSTALL = {
    "apt-get": ["install", "-y", "--no-install-recommends"],
    "dnf": ["install", "-y"],
    "apk": ["add"],
    "pacman": ["-S", "--noconfirm"],
    "zypper": ["--non-interactive", "install"],
    "brew": ["install"],
}


class NotInstallable(RuntimeError):
    """This machine has no package manager that we know the package's name in. The message says what to install."""


def chromium() -> str:
    """The path of a Chromium or Chrome, installed first when there is none. ``CHROMIUM`` in the environment wins.

    Raises:
        NotInstallable: when the machine's package manager is unknown.
    """
    found = _find_chromium()
    if found is None:
        _install("Chromium", CHROMIUM)
        found = _find_chromium()
    if found is None:
        raise NotInstallable("Chromium was installed and still is not on PATH. Set CHROMIUM to its path.")
    return found


def r_kernel() -> bool:
    """Whether R's Jupyter kernel is there, installed first where the package manager has it ready."""
    if Path("/usr/share/jupyter/kernels/ir").exists():
        return True
    if shutil.which("apt-get") is None:
        return False
    _install("R's Jupyter kernel", R_KERNEL)
    return True


def sftp_server() -> bool:
    """Whether OpenSSH's server is there, installed first where that needs nobody to log in."""
    if shutil.which("sshd", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"):
        return True
    if os.geteuid() != 0 or not any(shutil.which(name) for name in SFTP_SERVER):
        return False
    _install("OpenSSH's server", SFTP_SERVER)
    return True


def azurite(home: Path) -> None:
    """Azure's emulator of its blob storage in *home*, from the npm registry: yarn 3 cannot resolve what it needs."""
    if not (home / "node_modules" / ".bin" / "azurite-blob").exists():
        print("Installing Azurite with npm …", flush=True)
        home.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", AZURITE]
        subprocess.run([*command, "--prefix", str(home)], stdin=subprocess.DEVNULL, check=True)


def _find_chromium() -> str | None:
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    on_path = (path for name in BROWSERS if (path := shutil.which(name)))
    return next(on_path, None) or next((path for path in MAC_BROWSERS if Path(path).exists()), None)


def _install(what: str, packages: Mapping[str, list[str]]) -> None:
    manager = next((name for name in packages if shutil.which(name)), None)
    if manager is None:
        raise NotInstallable(
            f"{what} is missing, and no package manager that we know is here. Install it and try again."
        )
    root = os.name == "nt" or os.geteuid() == 0 or manager == "brew"
    prefix = [] if root else ["sudo"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"Installing {what} with {manager} …", flush=True)
    if manager == "apt-get":
        subprocess.run([*prefix, manager, "update", "-qq"], env=environment, stdin=subprocess.DEVNULL, check=False)
    command = [*prefix, manager, *INSTALL[manager], *packages[manager]]
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=True)
