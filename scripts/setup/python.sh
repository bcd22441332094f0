# Sets PYTHON to a Python that Penstock runs on, or says what is missing; sourced by the scripts beside this folder.
#
# Every candidate is run, not only looked for: version managers leave commands behind that only print an error.

penstock_fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    if ! penstock_fits "$PYTHON"; then
        echo "PYTHON names $PYTHON, which is not a working Python 3.11, 3.12 or 3.13." >&2
        echo "What to do: name another one in PYTHON, or unset it to let this script look for one." >&2
        exit 78
    fi
else
    for penstock_candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if penstock_fits "$penstock_candidate"; then
            PYTHON=$penstock_candidate
            break
        fi
    done
    if [ -z "${PYTHON:-}" ]; then
        echo "Penstock needs Python 3.11, 3.12 or 3.13, and none answers here as python3, python3.11, python3.12 or python3.13." >&2
        echo "What to do: install one (on Debian 12 and newer, as root: apt install python3 python3-venv), or name it: PYTHON=/path/to/python3 $0" >&2
        exit 78
    fi
fi
