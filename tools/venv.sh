#!/bin/sh
# Make a virtual environment with pip: sh tools/venv.sh DIRECTORY [PYTHON]
set -eu
venv=$1
python=${2:-${PYTHON:-}}

if [ -z "$python" ]; then
    for candidate in python3.11 python3.12 python3.13 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            break
        fi
    done
fi
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is needed; install it, or name it: PYTHON=/path/to/python make install" >&2
    exit 1
fi

if [ -x "$venv/bin/pip" ]; then
    exit 0
fi

# Debian splits the part of venv that brings pip into a package of its own.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$package" >/dev/null
    else
        echo "$python cannot make virtual environments with pip; on Debian: sudo apt-get install $package" >&2
        exit 1
    fi
fi
exec "$python" -m venv "$venv"
