"""What a command does not ask for is not imported."""

import subprocess
import sys


def test_the_libraries_of_the_database_wait_until_a_conversation_is_held() -> None:
    asked = "import sys, antiphon.app; print(*sorted({'alembic', 'sqlalchemy'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == []
