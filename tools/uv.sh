#!/usr/bin/env bash
# uv of .venv, with the machine's package index: tools/uv.sh pip install ...
#
# uv does not read pip's configuration. Where that names another index (a company's mirror), or its
# certificate, both are passed on through the environment, so that nothing of it reaches a lock file or
# the list of processes. UV_* variables win, and a machine without any configuration gets uv's default.
set -euo pipefail

bin=$(cd "$(dirname "$0")/.." && pwd)/.venv/bin

# `pip config list`, of all files together: `pip config get` looks at one of them only.
config=

# The value of one of pip's options, from its environment variable or its files; empty if there is none.
pip_option() {
    local variable=PIP_${1^^}
    variable=${variable//-/_}
    if [[ -n ${!variable:-} ]]; then
        echo "${!variable}"
    else
        sed -n "s/^\(global\|install\)\.$1='\(.*\)'$/\2/p" <<<"$config" | tail -1
    fi
}

if [[ -z ${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-} || -z ${SSL_CERT_FILE:-} ]]; then
    config=$("$bin/python" -m pip config list 2>/dev/null || true)
fi
if [[ -z ${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-} ]]; then
    index=$(pip_option index-url)
    [[ -z $index ]] || export UV_DEFAULT_INDEX=$index
fi
if [[ -z ${SSL_CERT_FILE:-} ]]; then
    certificate=$(pip_option cert)
    [[ -z $certificate ]] || export SSL_CERT_FILE=$certificate
fi

# A missing interpreter is an error that we explain, never a download.
export UV_PYTHON_DOWNLOADS=never
exec "$bin/uv" "$@"
