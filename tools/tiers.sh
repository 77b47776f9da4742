#!/usr/bin/env bash
# Runs tiers of checks, all of them even if one fails, and prints the seconds of each:
#   tools/tiers.sh lint unit integration browser wheel smoke-lowest smoke-middle smoke-newest
# (reliability is the part of integration that docs/reliability.md tells of, and writes its table).
# The seconds are also appended to build/tiers.txt, from which .ci/run makes its summary.
set -uo pipefail
cd "$(dirname "$0")/.."

bin=.venv/bin
# Threads of scikit-learn that wait for each other give way: several processes share few cores here, and
# spinning made the quickstart's training five times slower than alone.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
# One process a core; a file's tests stay together, so that module fixtures are made once.
pytest=("$bin/python" -m pytest -q -n "${ZENLAB_TEST_PROCESSES:-auto}" --dist loadfile)

# The JupyterLab extension: jlpm with the packages of its lock. Without Node its checks are left out while
# working, and fail in CI.
extension() {
    if ! node --version >/dev/null 2>&1; then
        echo "no node: the JupyterLab extension is not checked"
        [[ -z ${ZENLAB_STRICT:-} ]]
        return
    fi
    (
        PATH=$PWD/$bin:$PATH
        cd labextension
        jlpm install --immutable >../build/jlpm.log 2>&1 || { cat ../build/jlpm.log; exit 1; }
        jlpm "$@"
    )
}

# One process more than cores: a fifth of the time these tests wait for servers, processes and clocks.
integration() {
    "${pytest[@]}" -n "${ZENLAB_TEST_PROCESSES:-$(($(getconf _NPROCESSORS_ONLN) + 1))}" \
        tests/integration --reliability=check
}

# Two processes, each with a server and a browser: a page is waited for while another is worked on.
# Always the extension of these sources.
browser() {
    ZENLAB_REQUIRE_LABEXTENSION=1 "$bin/python" hatch_build.py || return 1
    "$bin/python" -m pytest -q -n 2 --dist loadfile tests/browser
}

# Every linter runs, whatever the others say.
lint() {
    local failed=0
    "$bin/ruff" check --quiet . || failed=1
    "$bin/ruff" format --check --quiet . || { failed=1; echo "not formatted (make format): "; "$bin/ruff" format --check . | head -20; }
    "$bin/mypy" --no-error-summary || failed=1
    "$bin/lint-imports" --no-logo --no-cache >build/imports.log 2>&1 || { failed=1; cat build/imports.log; }
    "$bin/zenlab" notebook check notebooks || failed=1
    extension lint || failed=1
    return $failed
}

# smoke also in .venv: known here before it is known there. Then the examples of the docstrings; env.py is
# run by Alembic alone.
unit() {
    local failed=0
    "${pytest[@]}" tests/unit tests/smoke || failed=1
    "${pytest[@]}" -p tests.conftest --doctest-modules zenlab \
        --ignore=zenlab/metadata/migrations/env.py || failed=1
    extension test || failed=1
    return $failed
}

tier() {
    case $1 in
    lint) lint ;;
    unit) unit ;;
    integration) integration ;;
    reliability) "${pytest[@]}" tests/integration -m reliability --reliability=update ;;
    browser) browser ;;
    wheel) "$bin/python" -m tools.check_wheel ;;
    smoke-lowest | smoke-middle | smoke-newest) tools/smoke.sh "${1#smoke-}" ;;
    *) echo "unknown tier: $1" >&2; return 2 ;;
    esac
}

mkdir -p build
failures=()
summary=()
for name in "$@"; do
    echo "== $name"
    start=$SECONDS
    state=passed
    tier "$name" || { state=FAILED; failures+=("$name"); }
    line=$(printf '%-14s %-7s %5d s' "$name" "$state" $((SECONDS - start)))
    summary+=("$line")
    echo "$line" >>build/tiers.txt
done

echo "== summary"
printf '%s\n' "${summary[@]}"
((${#failures[@]} == 0))
