#!/usr/bin/env bash
# Makes or updates .venv from the hashed locks: tools/setup.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(tools/find_python.sh 3.11 "${1:-}")

# An environment whose interpreter is gone, or that was copied here from another folder, is made anew.
if ! .venv/bin/python -c "import pip" 2>/dev/null || ! grep -qsF "$PWD/.venv" .venv/pyvenv.cfg; then
    echo "making .venv with $python"
    rm -rf .venv
    "$python" -m venv .venv
fi

# -qq: pip warns about every extra index that does not have a package; errors are still shown.
.venv/bin/python -m pip install -qq --no-deps --require-hashes -r requirements/bootstrap.txt

# The link of an earlier setup, see below: through it an install would write into what wheels are made of.
link=.venv/share/jupyter/labextensions/zenlab-labextension
[[ ! -L $link ]] || rm "$link"

# No build isolation: the build backends come from the bootstrap's lock. Without dependencies: the lock has
# them. The editable install is a path entry; it builds the JupyterLab extension if that is missing or its
# sources have changed, and goes on without it, with a warning, where there is no Node.
tools/uv.sh pip sync -q --python .venv/bin/python --require-hashes --no-build-isolation requirements/dev.txt
tools/uv.sh pip install -q --python .venv/bin/python --no-deps --no-build-isolation --editable .
# The install has copied the extension: a link instead, so that a build is seen without another install.
.venv/bin/python - <<'PYTHON'
import shutil
from pathlib import Path

copy = Path(".venv/share/jupyter/labextensions/zenlab-labextension")
built = Path("zenlab/labextension").resolve()
if (built / "package.json").is_file() and not copy.is_symlink():
    shutil.rmtree(copy, ignore_errors=True)
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.symlink_to(built, target_is_directory=True)
PYTHON

# TFDV's worker, in an environment of its own. Where TFDV does not run, statistics are off and all else works.
case $(.venv/bin/python -c "from zenlab.validation.environment import state; print(state())") in
installed) ;;
missing)
    echo "making .venv-worker for TFDV (1.5 GB)"
    .venv/bin/zenlab worker install --yes --python "$python" >/dev/null
    ;;
*) echo "TFDV does not run on this platform: statistics are off" ;;
esac
