#!/usr/bin/env bash
# Resolves every lock file again: tools/lock.sh      (UPGRADE=1: to the newest versions)
#
# The locks name packages and hashes, no index: whoever installs uses the index of their own machine.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    tools/uv.sh pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" "$@"
}
upgrade=()
[[ -z ${UPGRADE:-} ]] || upgrade=(--upgrade)
linux=(--python-platform x86_64-manylinux_2_28)

# .venv: every platform, Python 3.11 and newer. The bootstrap takes its versions from it.
compile pyproject.toml --group dev --extra lab --extra widget --extra mysql --extra postgres --extra gcs --extra s3 --extra cloudsql \
    --universal --python-version 3.11 "${upgrade[@]}" -o requirements/dev.txt
compile --group bootstrap --universal --python-version 3.11 -c requirements/dev.txt -o requirements/bootstrap.txt

# .venv-bench: the same versions, and the peers of the benchmarks; one that wants an older pandas apart.
compile pyproject.toml --group bench --extra lab --extra mysql --extra postgres --extra gcs \
    --universal --python-version 3.11 -c requirements/dev.txt "${upgrade[@]}" -o requirements/bench.txt
compile --group bench-profiling --python-version 3.11 --universal "${upgrade[@]}" -o requirements/bench-profiling.txt

# The smoke jobs: the runtime dependencies and pytest.
compile pyproject.toml --group smoke --python-version 3.11 "${linux[@]}" --no-build \
    --resolution lowest-direct -o requirements/lowest-py311.txt
compile pyproject.toml --group smoke-middle --python-version 3.12 "${linux[@]}" --no-build \
    --upgrade -o requirements/middle-py312.txt
compile pyproject.toml --group smoke --python-version 3.13 "${linux[@]}" --no-build \
    --upgrade -o requirements/newest-py313.txt

# TFDV's worker: a lock a platform, in the wheel. Wheels only: a data scientist's machine has no compiler.
# The pins and overrides are what was tried; see docs/design.md, decision 1.
for name in linux-x86_64:x86_64-manylinux_2_28 macos-arm64:aarch64-apple-darwin; do
    lock=${name%:*}-py311
    compile requirements/worker/"$lock".in --override requirements/worker/"$lock".overrides \
        --python-version 3.11 --python-platform "${name#*:}" --no-build "${upgrade[@]}" \
        -o zenlab/validation/locks/"$lock".txt
done

# Nothing is written: all extras together can be resolved, on both.
for version in 3.11 3.13; do
    compile pyproject.toml --all-extras --python-version "$version" "${linux[@]}" >/dev/null
done

if grep -nE '://|--(extra-)?index|--find-links|^-f |file:| @ |(^|[ =])/' requirements/*.txt zenlab/validation/locks/*.txt; then
    echo "error: a lock names an address or an absolute path (see above)" >&2
    exit 1
fi
