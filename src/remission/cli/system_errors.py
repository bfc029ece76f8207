"""What the operating system refuses, as a problem a person can act on."""

from __future__ import annotations

import errno

from remission.errors import OutputError, Problem

_WORDS = {
    errno.EACCES: ("Access is not allowed.",
                   "Choose a place of your own, or change the permissions of this one."),
    errno.EPERM: ("Access is not allowed.",
                  "Choose a place of your own, or change the permissions of this one."),
    errno.EROFS: ("This disk is read-only.", "Choose a folder on another disk."),
    errno.ENOTDIR: ("A file stands where a folder is needed.",
                    "Check the path, or give a folder."),
    errno.EEXIST: ("A file stands where a folder is needed.",
                   "Check the path, or give a folder."),
    errno.EISDIR: ("This is a folder, and a file is needed.",
                   "Give the path of the file itself."),
    errno.ENOENT: ("There is no such file or folder.", "Check the path."),
    errno.ENOSPC: ("There is no space left on the disk.", "Make room, or choose another disk."),
    errno.ENAMETOOLONG: ("This name is too long for the disk.", "Choose a shorter one."),
    errno.ELOOP: ("This link leads back to itself.", "Give the folder itself."),
}


def system_error(error: OSError) -> OutputError:
    """Return an error of the operating system with where, what and what to do."""
    said = error.strerror or str(error) or type(error).__name__
    what, cure = _WORDS.get(error.errno or 0, (
        f"The system reports: {said}.", "Check the path and the disk, then try again."))
    where = error.filename if error.filename is not None else "reading or writing"
    return OutputError(Problem(str(where), what, "", cure))
