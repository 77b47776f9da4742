"""What every metadata store must do: environments of runs."""

from __future__ import annotations

from tests.conformance.metadata_fixtures import MetadataStoreFixtures
from tests.conformance.metadata_records import PROJECT


class EnvironmentsSuite(MetadataStoreFixtures):
    """Environments."""

    def test_an_environment_is_written_once_and_named_by_each_run(self, store, other):
        text = '{"packages":{"Ä":"1"}}' * 10_000
        store.put_environment(1, "a" * 64, text)
        before = store.statements
        store.put_environment(2, "a" * 64, text)
        assert store.statements - before == 1
        store.put_environment(3, "b" * 64, "{}")
        store.put_environment(3, "b" * 64, "{}")  # after a lost answer
        other.put_environment(4, "a" * 64, "what is known stays as it is")
        assert other.environments([1, 2, 3, 4, 5]) == {1: text, 2: text, 3: "{}", 4: text}
        assert other.environments([]) == {}

    def test_an_environment_is_no_code_that_could_be_run(self, store):
        store.put_environment(1, "c" * 64, "{}")
        assert store.code("c" * 64) is None
        assert store.codes("cccccc") == []
        assert store.codes("environment") == []
        assert store.runs(PROJECT) == []
