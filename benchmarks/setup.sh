#!/usr/bin/env bash
# Makes or updates, from their hashed locks, .venv-bench: what zenlab needs, and the peers it is measured beside;
# and .venv-bench-profiling: the one peer that wants an older pandas.
# Expects .venv, whose interpreter and uv it uses.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(.venv/bin/python -c 'import sys; print(sys.executable)')

# Makes an environment anew where what it is made of has changed: make VENV LOCK [ALSO INSTALL...]
make() {
    local venv=$1 lock=$2
    shift 2
    local digest
    digest="$(cat requirements/bootstrap.txt "$lock" pyproject.toml | sha256sum) $python $PWD"
    [[ $(cat "$venv/.digest" 2>/dev/null) != "$digest" ]] || return 0
    echo "making $venv"
    tools/uv.sh venv -q --clear --python "$python" "$venv"
    # The build backends first: nothing is built in an isolated environment whose packages no lock names.
    tools/uv.sh pip install -q --python "$venv/bin/python" --no-deps --require-hashes -r requirements/bootstrap.txt
    tools/uv.sh pip sync -q --python "$venv/bin/python" --require-hashes --no-build-isolation "$lock"
    (($# == 0)) || tools/uv.sh pip install -q --python "$venv/bin/python" --no-deps --no-build-isolation "$@"
    echo "$digest" >"$venv/.digest"
}

make .venv-bench requirements/bench.txt --editable .
make .venv-bench-profiling requirements/bench-profiling.txt
