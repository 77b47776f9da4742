import { beforeEach, describe, expect, it } from 'vitest';

import { draw } from '../src/panels/compare';
import { scale } from '../src/panels/compare/axes';
import { between, inside, rangeText, spans } from '../src/panels/compare/ranges';
import type { Range } from '../src/panels/compare/ranges';
import type { ComparePayload, StatisticsPayload } from '../src/payloads';
import type { Answer } from '../src/protocol';
import { FakeKernel, click, completeDom, context, host, settled } from './support';

const HOSTILE = '<img src=x>';

/** Seven runs, with details of none. */
const LIST: ComparePayload = {
  panel: 'compare',
  version: 1,
  total: 7,
  metrics: ['roc_auc\teval\t\thigher'],
  best: ['6'],
  parameters: ['trainer.max_depth', 'trainer.loss'],
  runs: [3, 6, 12, 24, 3, 6, 12].map(
    (depth, i) =>
      `Pipeline A#${i + 1}\t${i % 2 ? 'ada' : 'bob'}\tflights\tabc\t.7${i}\t${depth}\t${
        i < 4 ? 'log' : HOSTILE
      }`
  )
};

beforeEach(() => {
  completeDom();
});

function shownRows(where: ParentNode): string[] {
  return [...where.querySelectorAll<HTMLElement>('.zen-runs .zen-row')].map(
    row => row.dataset.name?.split('#')[1] ?? ''
  );
}

function inRange(where: ParentNode): string[] {
  return [...where.querySelectorAll<HTMLElement>('.zen-runs .zen-row')]
    .filter(row => row.querySelector<HTMLElement>('.zen-in-range')?.hidden === false)
    .map(row => row.dataset.name?.split('#')[1] ?? '');
}

function input(where: ParentNode, label: string): HTMLInputElement {
  const found = where.querySelector<HTMLInputElement>(`[aria-label="${label}"]`);
  if (!found) {
    throw new Error(`no input: ${label}`);
  }
  return found;
}

function fill(where: ParentNode, label: string, text: string, event = 'change'): void {
  const found = input(where, label);
  found.value = text;
  found.dispatchEvent(new Event(event));
}

const said = (where: ParentNode) => where.querySelector('.zen-inside-said')?.textContent;

describe('ranges of axes', () => {
  const depth = scale({ name: 'depth', values: ['3', '6', '12', null] });
  const loss = scale({ name: 'loss', values: ['a', 'b', 'c', 'a'] });
  const rate = scale({ name: 'rate', values: ['0.001', '0.1', '1', '1'] });

  it('are combined, and what has no value is in none', () => {
    const scales = [depth, loss];
    const of = (...ranges: [number, Range][]) => [...inside(scales, new Map(ranges))];
    expect(of()).toEqual([0, 1, 2, 3]);
    expect(of([0, { from: 6, to: null }])).toEqual([1, 2]);
    expect(of([0, { from: null, to: 6 }])).toEqual([0, 1]);
    expect(of([1, { names: new Set(['a', 'c']) }])).toEqual([0, 2, 3]);
    expect(of([0, { from: 6, to: null }], [1, { names: new Set(['a', 'c']) }])).toEqual([2]);
  });

  it('are read off two places, in any order, and drawn where they were read', () => {
    expect(between(depth, 0.5, 0.2)).toEqual({ from: 4.8, to: 7.5 });
    expect(between(depth, 0.5, 1)).toEqual({ from: 7.5, to: null });
    expect(between(depth, 0, 1)).toBeNull();
    // On a logarithmic scale the middle is not the mean.
    expect(between(rate, 0, 0.5)).toEqual({ from: null, to: 0.03162 });
    expect(between(loss, 0.4, 0.9)).toEqual({ names: new Set(['b']) });
    expect(between(loss, 0.6, 0.9)).toBeNull(); // no name stands there
    const [[from, to] = [NaN, NaN]] = spans(depth, { from: 4.8, to: null });
    expect([from, to]).toEqual([expect.closeTo(0.2, 9), 1]);
    expect(spans(loss, { names: new Set(['b']) })).toEqual([[0.5, 0.5]]);
  });

  it('may begin where a logarithmic axis has no place, and are drawn from its end on', () => {
    expect(spans(rate, { from: -1, to: 1 })).toEqual([[0, 1]]);
  });

  it('are of names where no number is finite', () => {
    const lost = scale({ name: 'loss', values: [Infinity, null, Infinity], better: 'lower' });
    expect([lost.numbers, lost.places, lost.texts[0]]).toEqual([null, [0.5, null, 0.5], 'inf']);
  });

  it('are said in words', () => {
    expect(rangeText(depth, { from: 3, to: 6 })).toBe('depth 3 to 6');
    expect(rangeText(depth, { from: 3, to: null })).toBe('depth ≥ 3');
    expect(rangeText(depth, { from: null, to: 6 })).toBe('depth ≤ 6');
    expect(rangeText(loss, { names: new Set(['a', 'b']) })).toBe('loss a or b');
  });
});

describe('parallel coordinates', () => {
  it('say which runs are in all ranges, and mark them in the table', () => {
    const place = host();
    draw(place, LIST, context());
    expect(inRange(place)).toEqual([]);
    fill(place, 'trainer.max_depth from', '6');
    expect(inRange(place)).toEqual(['2', '3', '4', '6', '7']);
    fill(place, 'trainer.max_depth to', '12');
    expect(said(place)).toBe(
      'With trainer.max_depth 6 to 12, 4 of 7 runs: ' +
        'Pipeline A#2, Pipeline A#3, Pipeline A#6, Pipeline A#7.'
    );
    const [log] = place.querySelectorAll<HTMLInputElement>('.zen-range-names input');
    log?.click();
    expect(inRange(place)).toEqual(['2', '3']);
    expect(place.querySelectorAll('.zen-outside')).toHaveLength(5);
    expect(place.querySelectorAll('.zen-band')).toHaveLength(2);
    click(place, '[aria-label="Clear the range of trainer.max_depth"]');
    expect(inRange(place)).toEqual(['1', '2', '3', '4']);
    expect(input(place, 'trainer.max_depth from').value).toBe('');
    click(place, '[data-action=clear-ranges]');
    expect(inRange(place)).toEqual([]);
    expect(said(place)).toBe('');
    expect(place.querySelector('img')).toBeNull();
  });

  it('have a range where a pointer is drawn along an axis, and none by a click', () => {
    const place = host();
    draw(place, LIST, context());
    const target = place.querySelector<HTMLElement>('.zen-parallel-picture');
    if (!target) {
      throw new Error('no picture');
    }
    target.setPointerCapture = () => undefined;
    const pointer = (type: string, x: number, y: number) =>
      target.dispatchEvent(new MouseEvent(type, { clientX: x, clientY: y, bubbles: true }));
    // The first axis stands at 20; it goes from 250, up to 34.
    pointer('pointerdown', 22, 250);
    pointer('pointerup', 22, 250);
    expect(inRange(place)).toEqual([]);
    pointer('pointerdown', 200, 250); // between the axes
    pointer('pointermove', 200, 100);
    pointer('pointerup', 200, 100);
    expect(inRange(place)).toEqual([]);
    pointer('pointerdown', 22, 255);
    pointer('pointermove', 40, 200);
    pointer('pointerup', 40, 200);
    expect(inRange(place)).toEqual(['1', '2', '5', '6']);
    expect(input(place, 'trainer.max_depth to').value).toBe('7.861');
  });
});

describe('a list of runs', () => {
  const compared: Answer = {
    type: 'compared',
    payload: { ...LIST, total: 2, runs: LIST.runs.slice(0, 2), detailed: true, baseline: 0 },
    html: '',
    text: ''
  };

  it('is filtered by name, user and what is ticked', () => {
    const place = host();
    draw(place, LIST, context());
    fill(place, 'Filter by name or #revision', 'pipeline #3', 'input');
    expect(shownRows(place)).toEqual(['3']);
    fill(place, 'Filter by name or #revision', '', 'input');
    const user = place.querySelector<HTMLSelectElement>('[aria-label=User]');
    if (user) {
      user.value = 'ada';
      user.dispatchEvent(new Event('input'));
    }
    expect(shownRows(place)).toEqual(['2', '4', '6']);
    expect(place.querySelector('[aria-label=Datasource]')).toBeNull(); // all are of one
    input(place, 'Compare Pipeline A#4').click();
    click(place, '[aria-label="Which runs are listed"] [type=checkbox]');
    expect(shownRows(place)).toEqual(['4']);
    expect(place.querySelector('[aria-label="Which runs are listed"]')?.textContent).toContain(
      '1 of 7 runs'
    );
  });

  it('shows only what is ticked, also when many are ticked or none any more', () => {
    const place = host();
    draw(place, LIST, context(new FakeKernel(() => compared)));
    fill(place, 'trainer.max_depth from', '12');
    const box = input(place, 'Compare Pipeline A#1');
    box.click();
    click(place, '[aria-label="Which runs are listed"] [type=checkbox]');
    expect(shownRows(place)).toEqual(['1']);
    click(place, '[data-action=tick-range]');
    expect(shownRows(place)).toEqual(['1', '3', '4', '7']);
    box.focus();
    box.click();
    expect(shownRows(place)).toContain('1'); // it could be a slip
    box.blur();
    click(place, '[aria-label="Untick all"]');
    expect(shownRows(place)).toEqual([]);
  });

  it('says how many can be compared, and does not ask for more', () => {
    const place = host();
    const runs = Array.from(
      { length: 60 },
      (_, i) => `A#${i + 1}\tada\tflights\tabc\t.${i + 10}\t${i}\tlog`
    );
    draw(place, { ...LIST, runs, total: 60 }, context(new FakeKernel(() => compared)));
    fill(place, 'trainer.max_depth from', '0');
    click(place, '[data-action=tick-range]');
    expect(place.querySelector('.zen-ticked-count')?.textContent).toBe(
      '60 ticked: too many, up to 50 can be compared'
    );
    expect(place.querySelector<HTMLButtonElement>('[data-action=compare-ticked]')?.disabled).toBe(
      true
    );
  });

  it('compares what is ticked against the baseline, if that is ticked', async () => {
    const place = host();
    const kernel = new FakeKernel(() => compared);
    draw(place, { ...LIST, baseline: 5 }, context(kernel));
    const compare = place.querySelector<HTMLButtonElement>('[data-action=compare-ticked]');
    expect(compare?.disabled).toBe(true);
    for (const run of ['6', '2']) {
      input(place, `Compare Pipeline A#${run}`).click();
    }
    expect(place.querySelector('.zen-ticked-count')?.textContent).toBe('2 ticked: in detail');
    compare?.click();
    await settled();
    expect(kernel.asked[0]).toMatchObject({
      runs: ['Pipeline A#2', 'Pipeline A#6'],
      baseline: 1
    });
    expect(place.querySelector('.zen-tick-box')).toBeNull(); // details, and no list
  });

  it('ticks what is in range', () => {
    const place = host();
    draw(place, LIST, context(new FakeKernel(() => compared)));
    const tick = place.querySelector<HTMLButtonElement>('[data-action=tick-range]');
    expect(tick?.parentElement?.hidden).toBe(true);
    fill(place, 'trainer.max_depth from', '12');
    expect(tick?.parentElement?.hidden).toBe(false);
    expect(tick?.textContent).toBe('Tick the 3 in range');
    tick?.click();
    expect(place.querySelectorAll('.zen-tick-box:checked')).toHaveLength(3);
    const only = tick?.parentElement?.querySelector('input');
    only?.click();
    expect(shownRows(place)).toEqual(['3', '4', '7']);
    fill(place, 'trainer.max_depth from', '20');
    expect(shownRows(place)).toEqual(['4']);
    click(place, '[data-action=clear-ranges]'); // there is no range: all are shown
    expect(shownRows(place)).toHaveLength(7);
    click(place, '[aria-label="Untick all"]');
    expect(place.querySelectorAll('.zen-tick-box:checked')).toHaveLength(0);
  });

  it('says that comparing needs a kernel, as long as there is none', () => {
    const place = host();
    const kernel = new FakeKernel(() => compared);
    kernel.connected = false;
    draw(place, LIST, context(kernel));
    const [compare, note] = place.querySelector('.zen-needs-kernel')?.children ?? [];
    const hidden = () => [compare, note].map(e => (e as HTMLElement).hidden);
    expect(note?.textContent).toContain('needs a kernel');
    expect(hidden()).toEqual([true, false]);
    kernel.connect(true);
    expect(hidden()).toEqual([false, true]);
  });
});

describe('a column of two runs', () => {
  const RUNS = ['Pipeline A#1', 'Pipeline B#1'] as const;
  const COMPARED: ComparePayload = {
    panel: 'compare',
    version: 1,
    total: 2,
    baseline: 0,
    detailed: true,
    runs: RUNS.map(label => `${label}\tada\tflights\tabc`),
    data: [
      {
        run: RUNS[1],
        size: 'train\t100\t90',
        columns: [`${HOSTILE}\tL-infinity\t.3\t.1\t0\t\t0\t\t`]
      }
    ]
  };
  const STATISTICS: StatisticsPayload = {
    panel: 'statistics',
    version: 1,
    total: 1,
    datasets: RUNS.map(label => `${label}\t100`),
    columns: [
      {
        name: HOSTILE,
        kind: 'text',
        datasets: ['100\t0\t2\t\t\t\t\t\t', '90\t10\t2\t\t\t\t\t\t'],
        top: [`${HOSTILE}\t.6\t.3`, 'UA\t.4\t.7']
      }
    ]
  };

  function opened(kernel: FakeKernel): HTMLElement {
    const place = host();
    draw(place, COMPARED, context(kernel));
    click(place, '.zen-data .zen-toggle');
    return place;
  }

  it('opens with what the kernel knows of both', async () => {
    const kernel = new FakeKernel(() => ({ type: 'features', payload: STATISTICS }));
    const place = opened(kernel);
    await settled();
    expect(kernel.asked).toEqual([{ type: 'compare_column', runs: RUNS, column: HOSTILE }]);
    const table = place.querySelector(`[aria-label="Most frequent values of ${HOSTILE}"]`);
    const cells = [...(table?.querySelectorAll('tr') ?? [])].map(row => row.textContent);
    expect(cells).toEqual([
      'most frequent valuesPipeline A#1Pipeline B#1',
      `${HOSTILE}60.0%30.0%`,
      'UA40.0%70.0%'
    ]);
    expect(place.querySelector('img')).toBeNull();
  });

  it('goes with its listeners when the part that it is in is drawn again', async () => {
    const kernel = new FakeKernel(() => ({ type: 'features', payload: STATISTICS }));
    const place = host();
    draw(place, COMPARED, context(kernel));
    const before = kernel.listeners;
    for (let i = 0; i < 4; i += 1) {
      click(place, '.zen-data .zen-toggle');
      await settled();
      click(place, '.zen-toolbar [type=checkbox]');
    }
    expect(kernel.listeners).toBe(before);
  });

  it('says that it needs a kernel, and asks when there is one', async () => {
    const kernel = new FakeKernel(() => ({ type: 'features', payload: STATISTICS }));
    kernel.connected = false;
    const place = opened(kernel);
    await settled();
    expect(kernel.asked).toEqual([]);
    expect(place.querySelector('.zen-both')?.textContent).toContain('need a kernel');
    kernel.connect(true);
    click(place, '[data-action=both]');
    await settled();
    expect(place.querySelector('.zen-feature')).not.toBeNull();
  });

  it('shows what goes wrong, and can be asked for again', async () => {
    const kernel = new FakeKernel(() => ({ type: 'failure', message: 'There are no statistics.' }));
    const place = opened(kernel);
    await settled();
    expect(place.querySelector('[role=alert]')?.textContent).toContain('There are no statistics.');
    expect(place.querySelector<HTMLElement>('[data-action=both]')?.hidden).toBe(false);
  });
});
