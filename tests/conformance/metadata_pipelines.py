"""What every metadata store must do: pipelines, their revisions, and code."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conformance.metadata_fixtures import MetadataStoreFixtures
from tests.conformance.metadata_records import NAMES, PLAIN, PROJECT, REFUSED_NAMES, run_record
from zenlab.core.errors import ParameterError
from zenlab.metadata import MetadataStore, Wanted


class PipelinesSuite(MetadataStoreFixtures):
    """Pipelines and code."""

    # --------------------------------------------------------------------------- pipelines

    def test_register_is_idempotent(self, store, other):
        first = self.register(store, a=1)
        again = self.register(other, user="bob", a=1)
        assert again == first
        assert (first.revision, first.user, first.spec) == (1, "alice", {"a": 1})

    def test_revisions_count_within_a_name(self, store):
        numbers = [self.register(store, digest=d * 64).revision for d in "123"]
        assert numbers == [1, 2, 3]
        assert self.register(store, name="Pipeline B").revision == 1
        assert store.register_pipeline("p2", "Pipeline A", "9" * 64, "T", {}, "x").revision == 1

    def test_pipeline_is_found_by_name_revision_and_digest(self, store):
        one = self.register(store, digest="1" * 64)
        two = self.register(store, digest="2" * 64)
        assert store.pipeline(PROJECT, "Pipeline A") == two
        assert store.pipeline(PROJECT, "Pipeline A", revision=1) == one
        assert store.pipeline(PROJECT, "Pipeline A", digest="1" * 64) == one
        assert store.pipeline(PROJECT, "Pipeline A", revision=2, digest="1" * 64) is None
        assert store.pipeline(PROJECT, "Pipeline A", revision=3) is None
        assert store.pipeline(PROJECT, "Pipeline Z") is None
        assert store.pipeline("elsewhere", "Pipeline A") is None

    def test_lists_of_pipelines(self, store):
        self.register(store, name="B", digest="1" * 64)
        old = self.register(store, name="A", digest="1" * 64)
        new = self.register(store, name="A", digest="2" * 64)
        assert [(p.name, p.revision) for p in store.pipelines(PROJECT)] == [("A", 2), ("B", 1)]
        assert store.revisions(PROJECT, "A") == [old, new]
        assert store.pipelines("elsewhere") == []

    def test_copied_from_and_spec_survive(self, store):
        made = store.register_pipeline(PROJECT, "B", "2" * 64, "T", PLAIN, "bob", "1" * 64)
        assert made.copied_from_digest == "1" * 64
        kept = store.pipeline(PROJECT, "B").spec
        assert repr(kept) == repr(PLAIN)  # order, and 1, 1.0 and True, which are equal in Python

    @pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
    def test_hostile_names_are_kept(self, store, name):
        for other in NAMES:
            self.register(store, name=other, digest="0" * 64)
        made = self.register(store, name=name)
        assert made.revision == 2
        assert store.pipeline(PROJECT, name).name == name
        store.record_run(run_record(pipeline_name=name))
        assert [r.pipeline_name for r in store.runs(PROJECT, name)] == [name]

    @pytest.mark.parametrize("name", REFUSED_NAMES, ids=range(len(REFUSED_NAMES)))
    def test_names_that_a_database_would_change_are_refused(self, store, name):
        with pytest.raises(ParameterError):
            self.register(store, name=name)
        assert store.pipelines(PROJECT) == []

    def test_concurrent_registration_gives_each_digest_one_revision(self, store, url):
        digests = [f"{i:064}" for i in range(6)]

        def work(_):
            mine = MetadataStore(url)
            got = {d: self.register(mine, digest=d).revision for d in digests}
            mine.dispose()
            return got

        with ThreadPoolExecutor(6) as pool:
            results = list(pool.map(work, range(6)))
        assert all(result == results[0] for result in results)
        assert sorted(results[0].values()) == [1, 2, 3, 4, 5, 6]
        assert len(store.revisions(PROJECT, "Pipeline A")) == 6

    def test_run_by_others(self, store):
        one, two = "1" * 64, "2" * 64
        store.record_run(run_record(user="alice", pipeline_digest=one))
        store.record_run(run_record(user="carol", pipeline_digest=one))
        store.record_run(run_record(user="bob", pipeline_digest=two))
        store.record_run(run_record(user="bob", pipeline_digest=two))
        store.record_run(run_record(user="dave", pipeline_digest=one, status="failed"))
        assert store.run_by_others(PROJECT, "Pipeline A", one, "alice") == ["carol"]
        assert store.run_by_others(PROJECT, "Pipeline A", None, "alice") == ["bob", "carol"]
        assert store.run_by_others(PROJECT, "Pipeline B", None, "alice") == []

    # -------------------------------------------------------------------------------- code

    def test_code_is_kept_once(self, store):
        source = "def f():\n    return '\u2028 ä 🚀'\n"
        store.put_code({"1" * 64: ("f", source), "2" * 64: ("g", "x" * 2_000_000)})
        store.put_code({"1" * 64: ("other", "other")})
        store.put_code({})
        assert (store.code("1" * 64).name, store.code("1" * 64).source) == ("f", source)
        assert len(store.code("2" * 64).source) == 2_000_000
        assert store.code("3" * 64) is None

    def test_code_is_found_by_the_first_digits(self, store):
        prints = ["ab12" * 16, "ab13" * 16, "ab13" * 15 + "ab14", "cd00" * 16]
        store.put_code({p: (p[:4], "source of " + p) for p in reversed(prints)})

        def found(prefix, **limit):
            return [record.fingerprint for record in store.codes(prefix, **limit)]

        assert found("ab") == prints[:3]
        assert found("ab", limit=2) == prints[:2]
        assert found("AB13") == prints[1:3]
        assert found(prints[1]) == [prints[1]]
        assert store.codes("cd") == [store.code(prints[3])]
        for nothing in ("", "ab15", "b", prints[1] + "0", "%", "ab1_", "g", "'"):
            assert found(nothing) == []

    def test_what_is_only_read_is_never_taken_for_code(self, store):
        mark, other = "abcdef" + "1" * 58, "abcdef" + "2" * 58
        store.put_code(
            {mark: ("f", "def f(): ...")},
            listings={mark: ("notebook:f", "[]"), other: ("m.g", "[1]")},
            schemas={mark: ("schemas/s.pbtxt", "feature {}")},
        )
        assert [record.source for record in store.codes("abcdef")] == ["def f(): ..."]
        assert store.code(other) is None
        assert store.listings([mark, other, "3" * 64]) == {mark: "[]", other: "[1]"}
        assert (store.schema(mark), store.schema(other)) == ("feature {}", None)
        for word in ("listing", "schema"):
            for digits in (6, 56, 57, 64):
                assert store.codes(f"{word}:{mark[:digits]}") == []
                assert store.code(f"{word}:{mark[:digits]}") is None

    # -------------------------------------------------------------------------------- text

    def test_texts_are_compared_by_code_points(self, store):
        """Blanks at the end, case and accents count, in whatever way the database is set up."""
        self.register(store, name="Pipeline Ä")
        for other in ("Pipeline Ä ", " Pipeline Ä", "pipeline ä", "Pipeline A", "Pipeline Ä\x00"):
            assert store.pipeline(PROJECT, other) is None
            assert store.revisions(PROJECT, other) == []
            assert store.runs(PROJECT, other) == []
            assert store.latest_run(PROJECT, other) is None
            assert store.named_runs(PROJECT, [Wanted(other)]) == []
        assert store.pipelines(PROJECT + " ") == []
        assert store.find_cached(["key "]) == []

    def test_names_are_sorted_by_code_points(self, store):
        names = ["Z", "_", "a", "a b", "a-b", "aB", "ab", "Ä", "é", "ش", "管", "🚀"]
        for name in reversed(names):
            self.register(store, name=name)
        assert [p.name for p in store.pipelines(PROJECT)] == names == sorted(names)

    def test_texts_of_all_scripts_come_back(self, store):
        texts = [
            "שלום עולם",
            "مرحبا\u200f",
            "e\u0301",
            "👩‍👩‍👧",
            "a\u202eb",
            "\U0010ffff",
            "\uff05\uff3f",
        ]
        for i, text in enumerate(texts):
            mark = f"{i:064}"
            made = store.register_pipeline(PROJECT, text, mark, "T", {"t": text}, text)
            store.put_code({mark: (text, text * 1000)})
            assert (made.name, made.spec, made.user) == (text, {"t": text}, text)
            assert store.code(mark).source == text * 1000
        assert sorted(p.name for p in store.pipelines(PROJECT)) == sorted(texts)
