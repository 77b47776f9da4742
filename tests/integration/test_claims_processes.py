"""Claims on SQLite, with real processes."""

from __future__ import annotations

import pytest

from tests.conformance.claims_suite import ClaimsSuite


class TestClaimsOnSqlite(ClaimsSuite):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'metadata.db'}"
