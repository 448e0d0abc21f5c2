"""Find programs and folders that an unprivileged account can reach, because PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path

from deploy.local.guarded import Account
from deploy.local.home import Home

# Where the system has no such user by name.
NOBODY = Account(65534, 65534)


def unprivileged() -> Account | None:
    """Give the account for what refuses to run as root, or None where we are not root."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return NOBODY
    return Account(nobody.pw_uid, nobody.pw_gid)


def reachable(path: Path, account: Account | None) -> bool:
    """Whether the account may pass every folder down to `path`; a home of mode 700 on the way stops it."""
    if account is None:
        return True
    return all(_passable(folder.stat(), account) for folder in (path, *path.parents))


def _passable(entry: os.stat_result, account: Account) -> bool:
    if entry.st_uid == account.uid:
        return bool(entry.st_mode & stat.S_IXUSR)
    return bool(entry.st_mode & stat.S_IXOTH)


def shelter(home: Home, account: Account | None) -> Path:
    """Give the folder for the account's files: in the home if it can get there, else one outside that is this home's.

    Raises:
        RuntimeError: no temporary folder can be passed, another user has taken the name, or the one outside is gone.
    """
    if home.elsewhere.is_symlink():
        if not home.elsewhere.exists():
            raise RuntimeError(f"{home.elsewhere.readlink()} is gone, and the databases with it: remove {home.data}")
        return home.elsewhere.resolve()
    if reachable(home.data, account):
        return home.data
    for base in (Path("/var/tmp"), Path(tempfile.gettempdir())):  # noqa: S108 - the owner is checked
        if base.is_dir() and reachable(base, account):
            home.elsewhere.symlink_to(own_folder(base / f"linkway-{home.identity}"))
            return home.elsewhere.resolve()
    raise RuntimeError(f"PostgreSQL cannot run as root and no other user can reach {home.root}: set LINKWAY_HOME")


def own_folder(path: Path) -> Path:
    """Make a folder in a place where everybody may make one, that others may pass and not list."""
    path.mkdir(mode=0o711, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise RuntimeError(f"{path} belongs to someone else")
    path.chmod(0o711)
    return path


def copy_readable(source: Path, target: Path) -> None:
    """Copy a tree so that everybody can read it; whole or not at all."""
    unfinished = target.with_name(target.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished, ignore=shutil.ignore_patterns("*.a", "include", "pkgconfig", "__pycache__"))
    for path in (unfinished, *unfinished.rglob("*")):
        runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o755 if runs else 0o644)
    unfinished.rename(target)
