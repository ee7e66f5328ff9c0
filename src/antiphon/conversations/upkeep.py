"""What a served database needs from time to time: a daily copy, and an end of temporary audio."""

from datetime import datetime, timedelta
from pathlib import Path

import structlog

from antiphon.conversations.settings import ConversationSettings
from antiphon.storage.backup import back_up, last_backup

log = structlog.get_logger(__name__)

DATABASE_NAME = "antiphon.db"
TEMPORARY = "temp"
BACKUPS = "backups"


def keep_up(settings: ConversationSettings, now: datetime) -> None:
    """Do what is due at `now` (aware): blocking.

    Raises:
        OSError: the folder cannot be read.
        StorageFailed: the copy could not be made.
    """
    data_dir = Path(settings.data_dir)
    purge_temporary_audio(data_dir, older_than_s=settings.temp_audio_max_age_s, now_s=now.timestamp())
    if settings.database_url or not settings.backups_kept:
        return  # a server of its own is backed up by its own means
    last = last_backup(data_dir / BACKUPS)
    if last is None or now - last >= timedelta(days=1):
        back_up(data_dir / DATABASE_NAME, data_dir / BACKUPS, now, keep=settings.backups_kept)


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
