"""Temporary audio does not outlive its day."""

from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

TEMPORARY = "temp"


def purge_temporary_audio(data_dir: Path, *, older_than_s: float, now_s: float) -> int:
    """Delete files in the temporary folder that were last written more than `older_than_s` before `now_s`.

    Returns:
        How many were deleted.
    """
    folder = data_dir / TEMPORARY
    old = [path for path in folder.glob("**/*") if path.is_file() and now_s - path.lstat().st_mtime > older_than_s]
    for path in old:
        path.unlink(missing_ok=True)
    if old:
        log.info("temporary_audio_deleted", files=len(old))
    return len(old)
