import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Bundle } from '../src/bundle';
import type { Context } from '../src/context';
import { NotebookKernel } from '../src/kernel';
import type { SessionContext } from '../src/kernel';
import { drawLive } from '../src/panels/live';
import { draw } from '../src/panels/statistics';
import type { Question } from '../src/protocol';
import { STATISTICS } from './payloads';
import { FakeKernel, click, completeDom, context, host } from './support';

beforeEach(() => {
  completeDom();
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** What `kernel.ts` uses of a kernel: it answers when it is told to. */
function jupyter(supportsSubshells: boolean) {
  const sent: Question[] = [];
  const comm = {
    isDisposed: false,
    commsOverSubshells: 'perCommTarget',
    subshellStarted: new Promise<void>(() => undefined), // none comes
    opened: 0,
    open: () => (comm.opened += 1),
    send: (question: Question) => sent.push(question),
    onMsg: undefined as unknown as (message: object) => void
  };
  const kernel = {
    connectionStatus: 'connected',
    status: 'busy',
    supportsSubshells,
    createComm: () => comm
  };
  const signal = { connect: () => true };
  const session = {
    session: { kernel },
    kernelChanged: signal,
    statusChanged: signal,
    connectionStatusChanged: signal
  } as unknown as SessionContext;
  const reply = (answer: object) => {
    comm.onMsg({ content: { data: { id: sent[0]?.id, answer } } });
  };
  return { kernel: new NotebookKernel(session), sent, comm, reply };
}

describe('a kernel that runs a cell', () => {
  it('is waited for where it has no subshells, and the panel says so', async () => {
    const place = host();
    const { kernel, sent, comm, reply } = jupyter(false);
    draw(place, STATISTICS, context(kernel));
    click(place, '[data-action=more]');
    await vi.advanceTimersByTimeAsync(0);
    expect(comm.opened).toBe(1); // nothing else would make it faster
    expect(sent.map(q => q.request.type)).toEqual(['more_features', 'hello']); // which version is it?
    await vi.advanceTimersByTimeAsync(700);
    const said = place.querySelector('.zen-said');
    expect(said?.textContent).toContain('The kernel runs a cell. It answers meanwhile if');
    reply({ type: 'failure', message: 'after the cell' });
    await vi.advanceTimersByTimeAsync(0);
    expect(said?.textContent).toContain('after the cell');
  });

  it('is asked after a while where a subshell was promised and does not come', async () => {
    const { kernel, sent } = jupyter(true);
    void kernel.ask({ type: 'live', run: 'r1' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(sent.map(q => q.request.type)).toContain('live');
  });
});

describe('a comm', () => {
  it('that cannot be sent through is an error, and not waited for; the next one may do', async () => {
    const { kernel, comm, sent } = jupyter(false);
    const send = comm.send;
    comm.send = () => {
      throw new Error('Cannot send');
    };
    const asked = expect(kernel.ask({ type: 'live', run: 'r1' })).rejects.toThrow('Cannot send');
    await vi.advanceTimersByTimeAsync(0);
    await asked;
    comm.send = send;
    void kernel.ask({ type: 'live', run: 'r1' });
    await vi.advanceTimersByTimeAsync(0);
    expect(sent.map(q => q.request.type)).toContain('live');
    expect(comm.opened).toBe(2);
  });

  it('without a subshell is used as it is', async () => {
    const { kernel, comm, sent } = jupyter(true);
    comm.subshellStarted = Promise.reject(new Error('no more subshells'));
    void kernel.ask({ type: 'live', run: 'r1' });
    await vi.advanceTimersByTimeAsync(0);
    expect(sent.map(q => q.request.type)).toContain('live');
  });
});

describe('a run that has ended in a page that does not know its display', () => {
  const told = { type: 'live_told', pipeline: 'A', status: 'succeeded', seconds: 1, steps: [] };

  it('is replaced by its panel, which is asked for', async () => {
    const place = host();
    const kept: Bundle[] = [];
    const payload = { panel: 'run', version: 1, pipeline: 'A', status: 'succeeded', steps: [] };
    const kernel = new FakeKernel(
      request =>
        (request.type === 'live'
          ? told
          : { type: 'run_panel', payload, html: '<b>', text: 'Run' }) as never
    );
    const around: Context = { ...context(kernel), keep: bundle => kept.push(bundle) > 0 };
    drawLive(place, 'r1', () => undefined, around);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(kept).toEqual([]); // the kernel has a moment to do so
    await vi.advanceTimersByTimeAsync(2_000);
    expect(kernel.asked.at(-1)).toEqual({ type: 'ended', run: 'r1' });
    const stored = { 'text/html': '<b>', 'text/plain': 'Run' };
    expect(kept).toEqual([{ 'application/vnd.zenlab.v1+json': payload, ...stored }]);
  });

  it('is left alone where the kernel has replaced it', async () => {
    const kernel = new FakeKernel(() => told as never);
    const live = drawLive(host(), 'r1', () => undefined, context(kernel));
    await vi.advanceTimersByTimeAsync(100);
    live.dispose();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(kernel.asked).toHaveLength(1);
  });

  it('says that it is not known, where another kernel is asked', async () => {
    const place = host();
    const kernel = new FakeKernel(() => ({ type: 'failure', message: 'no' }));
    drawLive(place, 'r1', where => (where.textContent = 'trainer running'), context(kernel));
    await vi.advanceTimersByTimeAsync(100);
    expect(place.textContent).toMatch(/^trainer running.*%zen status says what came of it\.$/);
  });
});
