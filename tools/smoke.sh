#!/usr/bin/env bash
# Installs the wheel into an environment of its own and runs tests/smoke there:
#   tools/smoke.sh lowest|middle|newest
#
# lowest: Python 3.11 with the lowest versions that pyproject.toml allows; middle: Python 3.12 with the
# newest ones, but the last pandas 2; newest: Python 3.13 with the newest ones. An environment is made
# again only when its lock or its interpreter changes.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
lowest) lock=requirements/lowest-py311.txt python=$(.venv/bin/python -c 'import sys; print(sys.executable)') ;;
middle) lock=requirements/middle-py312.txt python=$(tools/find_python.sh 3.12 "${PYTHON312:-}") ;;
newest) lock=requirements/newest-py313.txt python=$(tools/find_python.sh 3.13 "${PYTHON313:-}") ;;
*) echo "usage: tools/smoke.sh lowest|middle|newest" >&2; exit 2 ;;
esac
venv=.venv-smoke-$1
digest="$(sha256sum <"$lock") $python $PWD"

if [[ $(cat "$venv/.digest" 2>/dev/null) != "$digest" ]]; then
    rm -rf "$venv"
    tools/uv.sh venv -q --python "$python" "$venv"
    # Wheels only: a build would want packages that no lock names.
    tools/uv.sh pip sync -q --python "$venv/bin/python" --require-hashes --only-binary :all: "$lock"
    echo "$digest" >"$venv/.digest"
fi

rm -rf build/wheel
tools/uv.sh build -q --wheel --no-build-isolation --python .venv/bin/python --out-dir build/wheel .
tools/uv.sh pip install -q --python "$venv/bin/python" --no-deps --reinstall build/wheel/*.whl

# The wheel's own requirements are satisfied by what the lock installed.
tools/uv.sh pip check -q --python "$venv/bin/python"

# -P and a pytest.ini of its own: zenlab comes from the wheel, not from this folder, and tests/conftest.py,
# which needs more than pytest, is not read.
"$venv/bin/python" -VV
PYTHONPATH=$PWD/tests/plugins "$venv/bin/python" -P -m pytest -q -p strict -c tests/smoke/pytest.ini tests/smoke
