"""The installed package, with the lowest and the newest versions: pytest is all this may need."""

from importlib import metadata

import zenlab


def test_version_is_the_installed_one():
    assert zenlab.__version__ == metadata.version("zenlab")


def test_is_typed():
    files = {str(file) for file in metadata.files("zenlab") or []}
    if not any(name.endswith(".pth") for name in files):  # an editable install lists no modules
        assert "zenlab/py.typed" in files
