import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { layout } from '../src/graph-layout';
import { duration } from '../src/numbers';
import { drawLive } from '../src/panels/live';
import { draw } from '../src/panels/run';
import type { RunPayload } from '../src/payloads';
import type { Answer, LiveTold, Request, RunTold } from '../src/protocol';
import { known } from '../src/registry';
import { parametersOf, storedState } from '../src/run-model';
import { FakeKernel, click, completeDom, context, host, settled } from './support';

const HOSTILE = '<img src=x onerror="alert(1)">';

const RUN: RunPayload = {
  panel: 'run',
  version: 1,
  pipeline: 'Pipeline A',
  status: 'succeeded',
  source: 'flights\t336776\t87da8a9f62fa',
  steps: [
    { slot: 'transform', title: 'label_late', outputs: ['data\tparquet\t327346\t'] },
    {
      slot: 'split',
      title: 'RandomSplit',
      inputs: ['transform'],
      parameters: "split_map={'train': 0.7, 'eval': 0.3}, seed=0",
      outputs: ['train\tparquet\t229567\t', 'eval\tparquet\t64999\t']
    },
    {
      slot: 'statistics',
      title: 'DataStatistics',
      inputs: ['split'],
      outputs: ['statistics\tjson\t\t']
    },
    { slot: 'validation', title: 'DataValidation', inputs: ['statistics'] },
    {
      slot: 'preprocesser',
      title: 'TabularPreprocesser',
      inputs: ['split'],
      outputs: ['preprocesser\tjson\t\t']
    },
    {
      slot: 'trainer',
      title: HOSTILE,
      inputs: ['preprocesser'],
      outputs: ['model\tskops\t\tLogisticRegression']
    },
    {
      slot: 'evaluator',
      title: 'Evaluator',
      inputs: ['trainer', 'preprocesser', 'split'],
      outputs: ['evaluation\tjson\t\t'],
      metrics: ['roc_auc\t.7671', 'rows\t12']
    }
  ]
};

const TOLD: RunTold = {
  type: 'run_told',
  run: '123456789012345678',
  head: 'run of Pipeline A#1 by you on here',
  outcome: 'saved 58 s thanks to you (Pipeline A#1)',
  steps: [
    { slot: 'split', state: 'hit', note: 'saved 3 s, by you (Pipeline A#1)' },
    { slot: 'trainer', state: 'executed', note: 'max_iter: 7 -> 9', seconds: 12.34 },
    { slot: 'validation', state: 'left out', note: 'it needs statistics' }
  ]
};

function answers(request: Request): Answer {
  if (request.type === 'run_states') {
    return TOLD;
  }
  if (request.type === 'step') {
    const code = [{ name: 'Mine', kind: 'class', place: 'notebook', text: `x = '${HOSTILE}'` }];
    return { type: 'step_told', why: ['trainer was executed'], code, log: 'epoch 1\n' };
  }
  return { type: 'failure', message: 'no' };
}

function states(where: ParentNode): Record<string, string> {
  return Object.fromEntries(
    [...where.querySelectorAll<HTMLElement>('.zen-step')].map(b => [
      b.dataset.slot ?? '',
      b.querySelector('.zen-state')?.textContent ?? ''
    ])
  );
}

beforeEach(() => {
  completeDom();
});

describe('the layout of a run', () => {
  const nodes = RUN.steps.map(s => ({ slot: s.slot, inputs: s.inputs ?? [] }));

  it('puts statistics and validation beside the chain', () => {
    const { boxes, edges } = layout(nodes, 1200);
    const chain = ['transform', 'split', 'preprocesser', 'trainer', 'evaluator'];
    expect(new Set(chain.map(s => boxes.get(s)?.y)).size).toBe(1);
    const places = chain.map(s => boxes.get(s)?.x ?? 0);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(boxes.get('statistics')?.x).toBe(boxes.get('preprocesser')?.x);
    expect(boxes.get('statistics')?.y).toBeGreaterThan(boxes.get('split')?.y ?? 0);
    expect(edges.map(e => `${e.from} ${e.to}`)).toContain('split evaluator');
  });

  it('goes down where there is little room, and never beyond its width', () => {
    for (const width of [280, 400, 700, 1600]) {
      const placed = layout(nodes, width);
      for (const box of placed.boxes.values()) {
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(width);
        expect(box.y + box.height).toBeLessThanOrEqual(placed.height);
      }
      const boxes = [...placed.boxes.values()];
      for (const a of boxes) {
        const over = boxes.filter(
          b =>
            a.x < b.x + b.width &&
            b.x < a.x + a.width &&
            a.y < b.y + b.height &&
            b.y < a.y + a.height
        );
        expect(over).toEqual([a]);
      }
    }
    expect(layout(nodes, 280).boxes.get('split')?.y).toBeGreaterThan(0);
  });

  it('makes a chain of steps of which no inputs are known', () => {
    const { edges } = layout(
      nodes.map(n => ({ ...n, inputs: [] })),
      1200
    );
    expect(edges.map(e => `${e.from} ${e.to}`)).toEqual([
      'transform split',
      'split statistics',
      'statistics validation',
      'split preprocesser',
      'preprocesser trainer',
      'trainer evaluator'
    ]);
  });

  it('takes no step, and one', () => {
    expect(layout([], 400).edges).toEqual([]);
    expect(layout([{ slot: 'a', inputs: ['gone'] }], 400).boxes.size).toBe(1);
  });
});

describe('what a run stores', () => {
  it('has parameters that are split where one ends', () => {
    expect(parametersOf("a=1, b=[2, 3], c='x, y', d={'k': (1, 2)}")).toEqual([
      { name: 'a', value: '1' },
      { name: 'b', value: '[2, 3]' },
      { name: 'c', value: "'x, y'" },
      { name: 'd', value: "{'k': (1, 2)}" }
    ]);
    expect(parametersOf("a='it\\'s, so', b=2").map(p => p.name)).toEqual(['a', 'b']);
    expect(parametersOf("numeric='median', max_c…")).toEqual([
      { name: 'numeric', value: "'median'" },
      { name: '', value: 'max_c…' }
    ]);
    expect(parametersOf('')).toEqual([]);
  });

  it('has states as the static table says them', () => {
    const failed: RunPayload = {
      ...RUN,
      status: 'failed',
      failure: { slot: 'trainer', error: 'ValueError: x' },
      steps: RUN.steps.map(s => (s.slot === 'evaluator' ? { slot: s.slot, title: s.title } : s))
    };
    expect(failed.steps.map(s => storedState(failed, s))).toEqual([
      'done',
      'done',
      'done',
      'not run',
      'done',
      'failed',
      'not run'
    ]);
  });
});

describe('the run panel', () => {
  it('shows the stored run without a kernel', () => {
    const place = host();
    expect(known(RUN)).toBe(RUN);
    draw(place, RUN, context());
    expect(states(place)).toMatchObject({ split: '✓ done', validation: '⊘ left out' });
    expect(place.textContent).toContain('336,776 rows');
    click(place, '[data-slot=evaluator]');
    const open = place.querySelector('[data-step=evaluator]');
    expect(open?.textContent).toContain('0.7671');
    expect([...(open?.querySelectorAll('.zen-link') ?? [])].map(l => l.textContent)).toEqual([
      'trainer',
      'preprocesser',
      'split'
    ]);
    expect(place.querySelectorAll('.zen-on')).toHaveLength(3);
    click(place, '[data-step=evaluator] .zen-link');
    expect(place.querySelector('[data-step=trainer]')?.textContent).toContain(HOSTILE);
    expect(place.querySelector('img')).toBeNull();
    click(place, '[data-slot=trainer]');
    expect(place.querySelector('[data-step]')).toBeNull();
  });

  it('asks a kernel that has answered before, and no other, unbidden', async () => {
    const place = host();
    const kernel = new FakeKernel(answers);
    draw(place, RUN, context(kernel));
    await settled();
    expect(kernel.asked).toEqual([]);
    kernel.ready = true;
    kernel.connect(true);
    await settled();
    const subject = { panel: 'run', title: 'Pipeline A' };
    expect(kernel.asked).toHaveLength(2);
    expect(kernel.asked).toContainEqual({ type: 'run_states', shown: RUN });
    expect(kernel.asked).toContainEqual({ type: 'moved', subject, shown: RUN });
    expect(states(place)).toMatchObject({
      split: '↺ cached',
      trainer: '✓ executed',
      validation: '⊘ left out',
      transform: '✓ done'
    });
    expect(place.textContent).toContain('1 hit');
    expect(place.textContent).toContain('1 miss');
    expect(place.querySelector('.zen-outcome')?.textContent).toBe(TOLD.outcome);
    expect(place.querySelector('[data-action=states]')).toBeNull();
  });

  it('shows why, code and log of a step', async () => {
    const place = host();
    const kernel = new FakeKernel(answers);
    draw(place, RUN, context(kernel));
    click(place, '[data-slot=trainer]');
    click(place, '[data-action=step]'); // asks for the run first
    await settled();
    await settled();
    expect(kernel.asked.map(r => r.type)).toEqual(['run_states', 'step']);
    expect(kernel.asked[1]).toMatchObject({ run: TOLD.run, slot: 'trainer' });
    const part = (name: string) => place.querySelector(`[data-part=${name}]`)?.textContent;
    expect(part('why')).toContain('trainer was executed');
    expect(part('code')).toContain(HOSTILE);
    expect(part('log')).toContain('epoch 1');
    expect(place.querySelector('img')).toBeNull();
    click(place, '[data-slot=trainer]');
    click(place, '[data-slot=trainer]');
    expect(kernel.asked).toHaveLength(2); // it is known
  });

  it('says that no run here has this result', async () => {
    const place = host();
    const last = 'Pipeline A#7 by Ada: succeeded';
    draw(place, RUN, context(new FakeKernel(() => ({ type: 'run_told', last }))));
    click(place, '[data-action=states]');
    await settled();
    expect(place.textContent).toContain('hits and misses are not known');
    expect(place.textContent).toContain(last);
    click(place, '[data-slot=trainer]');
    expect(place.querySelector('[data-action=step]')).toBeNull();
  });

  it('shows an error of the kernel that was asked for, and lets go of everything', async () => {
    const place = host();
    const kernel = new FakeKernel(() => ({ type: 'failure', message: 'no store', hint: 'x' }));
    const handle = draw(place, RUN, context(kernel));
    click(place, '[data-action=states]');
    await settled();
    expect(place.querySelector('[role=alert]')?.textContent).toContain('no store');
    handle.dispose();
    expect(kernel.listeners).toBe(0);
  });
});

describe('the live panel', () => {
  const GOING: LiveTold = {
    type: 'live_told',
    pipeline: 'Pipeline A',
    status: 'running',
    seconds: 65,
    findings: ['the data has changed since'],
    steps: [
      { slot: 'split', title: 'RandomSplit', state: 'cached', note: 'saved 3 s' },
      {
        slot: 'trainer',
        title: 'Mine',
        state: 'running',
        note: `epoch 3 ${HOSTILE}`,
        seconds: 12.3,
        done: 0.3,
        inputs: ['split']
      },
      { slot: 'evaluator', title: 'Evaluator', state: 'pending', inputs: ['trainer'] }
    ]
  };
  const fallback = (text: string) => (where: HTMLElement) => {
    where.textContent = text;
  };

  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('follows the run in place until it has ended', async () => {
    const place = host();
    let told = GOING;
    const kernel = new FakeKernel(() => told);
    const live = drawLive(place, 'r1', fallback('static'), context(kernel));
    expect(place.textContent).toBe('static');
    await settled();
    expect(kernel.asked).toEqual([{ type: 'live', run: 'r1' }]);
    expect(states(place)).toEqual({
      split: '↺ cached',
      trainer: '▶ running',
      evaluator: '○ pending'
    });
    expect(place.textContent).toContain('1 of 3 steps');
    expect(place.textContent).toContain('1 min 5 s');
    expect(place.textContent).toContain('12.3 s 30%');
    expect(place.textContent).toContain('epoch 3');
    expect(place.textContent).toContain('the data has changed since');
    expect(place.querySelector('img')).toBeNull();
    live.update(fallback('static again'));
    const button = place.querySelector('[data-slot=trainer]');
    told = {
      ...GOING,
      status: 'succeeded',
      steps: GOING.steps.map(s => ({ ...s, state: 'executed' }))
    };
    await vi.advanceTimersByTimeAsync(500);
    expect(states(place).trainer).toBe('✓ executed');
    expect(place.querySelector('[data-slot=trainer]')).toBe(button);
    expect(place.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')).toBe('100');
    await vi.advanceTimersByTimeAsync(5000);
    expect(kernel.asked.map(r => r.type)).toEqual(['live', 'live', 'ended']);
    live.dispose();
    expect(kernel.listeners).toBe(0);
  });

  it('asks the run to stop, after a question', async () => {
    const place = host();
    const kernel = new FakeKernel(r =>
      r.type === 'cancel' ? { type: 'cancelled', text: 'Asked to stop.' } : GOING
    );
    const live = drawLive(place, 'r1', fallback('static'), context(kernel));
    await settled();
    click(place, '[data-action=cancel]');
    expect(kernel.asked.filter(r => r.type === 'cancel')).toEqual([]);
    click(place, '[data-action=confirm-cancel]');
    await settled();
    expect(kernel.asked.filter(r => r.type === 'cancel')).toHaveLength(1);
    expect(place.querySelector('.zen-said')?.textContent).toBe('Asked to stop.');
    live.dispose();
  });

  it('says in words that the kernel is gone which could be asked to stop', async () => {
    const place = host();
    const kernel = new FakeKernel(() => GOING);
    const live = drawLive(place, 'r1', fallback('static'), context(kernel));
    await settled();
    kernel.ask = () => Promise.reject(new Error('The kernel was restarted.'));
    click(place, '[data-action=cancel]');
    click(place, '[data-action=confirm-cancel]');
    await settled();
    expect(place.querySelector('[role=alert]')?.textContent).toBe('The kernel was restarted.');
    live.dispose();
  });

  it('is the display itself where the kernel does not answer, or knows no such run', async () => {
    const place = host();
    const none = drawLive(place, 'r1', fallback('one'), context());
    none.update(fallback('two'));
    expect(place.textContent).toBe('two');
    const kernel = new FakeKernel(() => ({ type: 'failure', message: 'another kernel' }));
    const live = drawLive(place, 'r1', fallback('static'), context(kernel));
    await settled();
    live.update(fallback('later'));
    expect(place.textContent).toBe('later');
    await vi.advanceTimersByTimeAsync(5000);
    expect(kernel.asked).toHaveLength(1);
  });
});

it('writes durations as the static display does', () => {
  expect([0.041, 12.34, 83, 7300, 200000].map(duration)).toEqual([
    '41 ms',
    '12.3 s',
    '1 min 23 s',
    '2 h 1 min',
    '2 d 7 h'
  ]);
});
