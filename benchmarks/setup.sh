#!/usr/bin/env bash
# Makes or updates .venv-bench from its hashed lock: what zenlab needs, and the peers it is measured beside.
# Expects .venv, whose interpreter and uv it uses.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv-bench
python=$(.venv/bin/python -c 'import sys; print(sys.executable)')
digest="$(cat requirements/bootstrap.txt requirements/bench.txt pyproject.toml | sha256sum) $python $PWD"

if [[ $(cat "$venv/.digest" 2>/dev/null) != "$digest" ]]; then
    echo "making $venv"
    tools/uv.sh venv -q --clear --python "$python" "$venv"
    # The build backends first: nothing is built in an isolated environment whose packages no lock names.
    tools/uv.sh pip install -q --python "$venv/bin/python" --no-deps --require-hashes -r requirements/bootstrap.txt
    tools/uv.sh pip sync -q --python "$venv/bin/python" --require-hashes --no-build-isolation requirements/bench.txt
    tools/uv.sh pip install -q --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
    echo "$digest" >"$venv/.digest"
fi
