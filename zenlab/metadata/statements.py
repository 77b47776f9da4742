"""All SQL, as SQLAlchemy Core expressions: built once for a store, compiled once by SQLAlchemy.

Building an expression costs more than running it on SQLite, so none is built in a call. Values
are bound by the names of their columns; where an UPDATE compares with a column, the value is
bound as `by_<column>`, since SQLAlchemy reads a plain column's name as "set this".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    union,
    update,
)

from zenlab.metadata.following_sql import FollowStatements
from zenlab.metadata.tables import (
    artifact,
    cache_entry,
    claim,
    code,
    datasource_commit,
    metric,
    param,
    pipeline,
    run,
    run_environment,
    schema_revision,
    step_execution,
)

if TYPE_CHECKING:
    from sqlalchemy import Table

    from zenlab.metadata.dialects import Dialect

MOST_RUNS = 1_000
"""How many of a pipeline's and of a project's latest runs `earlier_executions` looks at."""

MOST_EARLIER = 50
"""How many executions it takes from each."""


def _is(*columns: ColumnElement[Any], prefix: str = "") -> ColumnElement[bool]:
    """Each column equals the value bound under its name."""
    return and_(*(column == bindparam(prefix + str(column.key)) for column in columns))


def _any_of(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return column.in_(bindparam(name, expanding=True))


def _among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """As `_any_of`, for thousands of ids: they are written out instead of bound.

    SQLite binds 32,766 values at most. A run names its executions in JSON, which no two databases
    join in the same words.
    """
    return column.in_(bindparam(name, expanding=True, literal_execute=True, type_=BigInteger))


def _latest_by_name(table: Table, *order: ColumnElement[Any]) -> Select[Any]:
    """The first row of each name of a project, in this order, by name."""
    place = func.row_number().over(partition_by=table.c.name, order_by=order).label("place")
    ranked = select(table, place).where(_is(table.c.project)).subquery()
    columns = [ranked.c[column.key] for column in table.c]
    return select(*columns).where(ranked.c.place == 1).order_by(ranked.c.name)


def _next_revision(now: ColumnElement[int]) -> tuple[list[str], Select[Any]]:
    """Names and values of a new row of `pipeline`: as bound, made now, with the next number."""
    c = pipeline.c
    latest = select(func.coalesce(func.max(c.revision), 0) + 1).where(_is(c.project, c.name))
    made: dict[str, Any] = {"created_ms": now, "revision": latest.scalar_subquery()}
    values = [
        made.get(column.key, bindparam(column.key, type_=column.type)) for column in pipeline.c
    ]
    return [column.key for column in pipeline.c], select(*values).where(true())


class Statements:
    """Every statement of the store, for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._now = dialect.now()
        self._insert = dialect.insert
        self._insert_new = dialect.insert_new
        self._returning = dialect.returning
        self._to_be_told = dialect.to_be_told
        self.revision = select(schema_revision.c.version_num)
        self.stamp_revision = insert(schema_revision)
        self._pipelines()
        self._runs()
        self._executions()
        self._comparing()
        self._cache()
        self._claims()
        self._datasources()
        self.follow = FollowStatements(dialect)

    def _pipelines(self) -> None:
        c = pipeline.c
        named = select(pipeline).where(_is(c.project, c.name))
        self.pipeline_by_digest = named.where(_is(c.digest))
        self.pipeline_by_revision = named.where(_is(c.revision))
        self.pipeline_latest = named.order_by(c.revision.desc()).limit(1)
        self.pipeline_revisions = named.order_by(c.revision)
        self.pipelines = _latest_by_name(pipeline, c.revision.desc())
        # Of two at once, one gets the next number and the other none; it asks again.
        self.add_pipeline = self._insert_new(pipeline).from_select(*_next_revision(self._now))
        self.code = select(code).where(_is(code.c.fingerprint))
        self.codes_in_range = (
            select(code)
            .where(code.c.fingerprint >= bindparam("low"), code.c.fingerprint < bindparam("high"))
            .order_by(code.c.fingerprint)
            .limit(bindparam("limit"))
        )
        self.add_code = self._insert_new(code, code.c.fingerprint).values(created_ms=self._now)

    def _runs(self) -> None:
        c = run.c
        elapsed = bindparam("elapsed_ms", type_=BigInteger)
        self.start_run = insert(run).values(started_ms=self._now, ended_ms=0)
        self.record_run = insert(run).values(started_ms=self._now - elapsed, ended_ms=self._now)
        self.end_run = update(run).where(c.id == bindparam("by_id")).values(ended_ms=self._now)
        self.run = select(run).where(_is(c.id))
        self.runs_by_id = select(run).where(_any_of(c.id, "ids"))
        others = (
            select(c.author)
            .where(_is(c.project, c.pipeline_name))
            .where(c.status == "succeeded", c.author != bindparam("author"))
            .distinct()
            .order_by(c.author)
        )
        self.run_by_others = others
        self.run_by_others_of_digest = others.where(_is(c.pipeline_digest))

        latest_first = (c.started_ms.desc(), c.id.desc())
        of_all = select(run).where(_is(c.project))
        of_one = of_all.where(_is(c.pipeline_name))
        last = select(c.started_ms).where(c.id == bindparam("before")).scalar_subquery()
        older = or_(c.started_ms < last, and_(c.started_ms == last, c.id < bindparam("before")))
        self.runs = {
            (by_name, paged): (wanted.where(older) if paged else wanted)
            .order_by(*latest_first)
            .limit(bindparam("limit"))
            for by_name, wanted in ((False, of_all), (True, of_one))
            for paged in (False, True)
        }
        """By (of one pipeline, after the run `before`)."""
        e = run_environment.c
        self.add_run_environment = self._insert_new(run_environment, e.run_id)
        self.run_environments = (
            select(e.run_id, code.c.source)
            .select_from(run_environment.join(code, code.c.fingerprint == e.environment))
            .where(_any_of(e.run_id, "ids"))
        )
        with_status = of_one.where(_is(c.status)).order_by(*latest_first).limit(1)
        self.latest_run = {False: with_status, True: with_status.where(_is(c.pipeline_digest))}
        """By (of one digest)."""

    def _executions(self) -> None:
        c = step_execution.c
        elapsed = bindparam("elapsed_ms", type_=BigInteger)
        self.add_execution = insert(step_execution).values(
            started_ms=self._now - elapsed, ended_ms=self._now
        )
        self.add_artifact = insert(artifact)
        self.add_param = insert(param)
        self.add_metric = insert(metric)
        self.executions = select(step_execution).where(_any_of(c.id, "ids"))
        self.earlier_executions = self._earlier_executions()
        self.run_executions = select(c.id).where(_is(c.run_id)).order_by(c.ended_ms, c.id)

        def parts(table: Table) -> Select[Any]:
            ours = _any_of(table.c.execution_id, "ids")
            return select(table).where(ours).order_by(table.c.execution_id, table.c.ordinal)

        self.artifacts = parts(artifact)
        self.params = parts(param)
        self.metrics = parts(metric)

    def _comparing(self) -> None:
        c, p = run.c, pipeline.c
        latest = func.row_number().over(
            partition_by=c.pipeline_id, order_by=(c.started_ms.desc(), c.id.desc())
        )
        newest = func.dense_rank().over(
            partition_by=c.pipeline_name, order_by=c.pipeline_revision.desc()
        )
        # Ids alone are ranked: a row of `run` may hold a megabyte of findings.
        succeeded = select(c.id, latest.label("place"), newest.label("age")).where(
            _is(c.project), c.status == literal("succeeded")
        )

        def one_each(ranks: Select[Any]) -> tuple[Select[Any], Any]:
            ranked = ranks.subquery()
            joined = ranked.join(run, c.id == ranked.c.id).join(pipeline, p.id == c.pipeline_id)
            rows = select(run, p.type, p.spec).select_from(joined).where(ranked.c.place == 1)
            return rows.order_by(c.started_ms.desc(), c.id.desc()), ranked.c.age

        every, _ = one_each(succeeded)
        limited = every.limit(bindparam("limit"))
        self.revision_runs = {False: limited, True: limited.where(_is(p.type))}
        """By (of one type)."""
        named, age = one_each(succeeded.where(_any_of(c.pipeline_name, "names")))
        asked = or_(
            age == 1,
            _any_of(c.pipeline_revision, "revisions"),
            _any_of(c.pipeline_digest, "digests"),
        )
        self.named_runs = {False: named.where(asked), True: named}
        """By (every revision)."""
        m = metric.c
        self.final_metrics = (
            select(metric)
            .where(_among(m.execution_id, "ids"), m.at_step.is_(None))
            .order_by(m.execution_id, m.ordinal)
        )
        self.run_names = select(c.id, c.pipeline_name, c.pipeline_revision).where(
            _among(c.id, "ids")
        )
        self.codes = select(code).where(_any_of(code.c.fingerprint, "fingerprints"))

    @staticmethod
    def _earlier_executions() -> Select[Any]:
        """Candidates of one kind: the latest of a pipeline, of the project, and given ones."""
        e, r = step_execution.c, run.c
        fits = and_(
            _is(e.kind),
            e.status == "succeeded",
            e.ended_ms <= bindparam("until_ms", type_=BigInteger),
            e.run_id != bindparam("not_of_run", type_=BigInteger),
        )

        def latest(*of_run: ColumnElement[bool]) -> Select[Any]:
            # The runs first, by an index that has them in this order; so that a long history of
            # hits costs nothing, and one without this kind comes to an end. A run that was killed
            # stays `running`, and nobody has counted what it executed.
            runs = (
                select(r.id, r.started_ms)
                .where(_is(r.project), or_(r.executed > 0, r.status == "running"), *of_run)
                .order_by(r.started_ms.desc())
                .limit(MOST_RUNS)
                .subquery()
            )
            found = (
                select(e.id)
                .select_from(runs.join(step_execution, e.run_id == runs.c.id))
                .where(fits)
                .order_by(runs.c.started_ms.desc(), e.id.desc())
                .limit(MOST_EARLIER)
                .subquery()
            )
            return select(found.c.id)

        near = union(
            latest(_is(r.pipeline_name)), latest(), select(e.id).where(_any_of(e.id, "ids"), fits)
        ).subquery()
        columns = (
            *(e.id, e.run_id, e.slot, e.title, e.author, e.host, e.git_commit, e.ended_ms),
            *(e.seconds, e.work_key, e.inputs, e.identity),
            *(r.pipeline_name, r.pipeline_revision),
        )
        return (
            select(*columns)
            .select_from(near.join(step_execution, e.id == near.c.id).join(run, r.id == e.run_id))
            .order_by(e.ended_ms.desc(), e.id.desc())
        )

    def _cache(self) -> None:
        # The order of these columns is that of `rows.cached_executions`.
        e, a = step_execution.c, artifact.c
        found = (
            *(claim.c.work_key, claim.c.fence),
            *(e.id, e.run_id, e.slot, e.kind, e.title, e.author, e.host, e.git_commit),
            *(e.started_ms, e.ended_ms, e.seconds, e.findings),
            *(a.ordinal, a.name, a.uri, a.format, a.format_version, a.content_digest),
            *(a.manifest_sha256, a.size_bytes, a.num_rows, a.summary),
        )
        executed = e.id == claim.c.execution_id
        belongs = a.execution_id == e.id
        done = claim.c.state == "done"
        by_key = cache_entry.join(claim, cache_entry.c.work_key == claim.c.work_key)
        self.find_cached = (
            select(cache_entry.c.cache_key, *found)
            .select_from(by_key.join(step_execution, executed).outerjoin(artifact, belongs))
            .where(done, _any_of(cache_entry.c.cache_key, "keys"))
        )
        self.find_done = (
            select(literal("").label("cache_key"), *found)
            .select_from(claim.join(step_execution, executed).outerjoin(artifact, belongs))
            .where(done, _any_of(claim.c.work_key, "keys"))
        )
        self.claim_state = (
            select(
                *(literal("").label("cache_key"), *found, claim.c.state, claim.c.owner),
                *(claim.c.holder_user, claim.c.holder_host, claim.c.holder_pid),
                *(claim.c.since_ms, (claim.c.expires_at - self._now).label("expires_in_ms")),
            )
            .select_from(claim.outerjoin(step_execution, executed).outerjoin(artifact, belongs))
            .where(_is(claim.c.work_key))
        )
        self.add_cache_entry = self._insert_new(
            cache_entry, cache_entry.c.cache_key, cache_entry.c.work_key
        )

    def _claims(self) -> None:
        c = claim.c
        expires = self._now + bindparam("ttl_ms", type_=BigInteger)
        to_be_had = and_(c.state != "done", c.expires_at <= self._now)
        taken = {
            "state": "running",
            "since_ms": self._now,
            "expires_at": expires,
            "execution_id": None,
        }
        self.claim_row = select(claim).where(_is(c.work_key))
        # In one statement, where the database can say which fence it made ...
        if self._returning:
            new = self._insert(claim).values(fence=1, **taken)
            holder = ("owner", "holder_user", "holder_host", "holder_pid")
            excluded = {name: new.excluded[name] for name in holder}
            self.claim = new.on_conflict_do_update(
                index_elements=[c.work_key],
                set_={**taken, "fence": c.fence + 1, **excluded},
                where=to_be_had,
            ).returning(c.fence)
        # ... else in two or three: make sure that there is a row, take it, read the fence.
        self.claim_seed = (
            self._insert_new(claim, c.work_key)
            .values(state="free", since_ms=0, fence=0, expires_at=0)
            .values(owner="", holder_user="", holder_host="", holder_pid=0)
        )
        self.claim_take = (
            update(claim)
            .where(_is(c.work_key, prefix="by_"), to_be_had)
            .values(fence=self._to_be_told(c.fence + 1), **taken)
        )
        ours = _is(c.work_key, c.owner, c.fence, prefix="by_")
        held = update(claim).where(ours, c.state == "running")
        self.heartbeat = held.values(expires_at=expires)
        self.finish = held.values(
            state="done", expires_at=0, execution_id=bindparam("execution", type_=BigInteger)
        )
        self.release = held.values(state="free", expires_at=0)
        self.reopen = (
            update(claim)
            .where(_is(c.work_key, c.fence, prefix="by_"), c.state == "done")
            .values(state="free", expires_at=0, execution_id=None)
        )

    def _datasources(self) -> None:
        c = datasource_commit.c
        named = select(datasource_commit).where(_is(c.project, c.name))
        self.add_commit = self._insert_new(datasource_commit, c.project, c.name, c.digest).values(
            created_ms=self._now
        )
        self.commit_by_digest = named.where(_is(c.digest))
        self.commit_in_range = named.where(
            c.digest >= bindparam("low"), c.digest < bindparam("high")
        ).limit(2)
        self.commits = named.order_by(c.created_ms, c.id)
        self.datasources = _latest_by_name(datasource_commit, c.created_ms.desc(), c.id.desc())
        self.touch_commit = update(datasource_commit).where(c.id == bindparam("by_id"))
