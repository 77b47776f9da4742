#!/usr/bin/env bash
# Prints the path of a Python of the given version: tools/find_python.sh 3.13 [CANDIDATE]
#
# Looks at CANDIDATE (a command or a path; if it is given and does not fit, that is an error), then at
# PATH, then at pyenv's versions. Every candidate is executed: a pyenv shim can exist and fail.
set -euo pipefail

version=$1
wanted=${2:-}

# Prints the real interpreter if the candidate runs, has the version and can make environments.
try() {
    "$1" - "$version" 2>/dev/null <<'PYTHON'
import ensurepip, sys, venv
if sys.version_info[:2] != tuple(map(int, sys.argv[1].split("."))):
    sys.exit(1)
print(sys.executable)
PYTHON
}

if [[ -n $wanted ]]; then
    try "$wanted" && exit 0
    echo "error: '$wanted' is not a working Python $version with venv and ensurepip." >&2
    exit 1
fi

candidates=()
while IFS= read -r path; do candidates+=("$path"); done < <(type -ap "python$version" python3 || true)
for path in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version"*/bin/python; do candidates+=("$path"); done

for path in "${candidates[@]}"; do
    try "$path" && exit 0
done

cat >&2 <<MESSAGE
error: no working Python $version with venv and ensurepip, neither on PATH nor among pyenv's versions.
       Debian, Ubuntu:  apt-get install python$version python$version-venv    pyenv:  pyenv install $version
       or say where it is:  make ... PYTHON=/path/to/python3.11 PYTHON312=... PYTHON313=...
MESSAGE
exit 1
