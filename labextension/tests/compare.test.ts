import { beforeEach, describe, expect, it } from 'vitest';

import { command, curvesOf, metricsOf, runsOf, stepsOf } from '../src/compare-model';
import type { Bundle } from '../src/bundle';
import { difference } from '../src/numbers';
import { draw } from '../src/panels/compare';
import { scale } from '../src/panels/compare/axes';
import { choicesOf, fits } from '../src/panels/compare/picker';
import { VirtualTable } from '../src/parts/virtual';
import type { ComparePayload } from '../src/payloads';
import type { Answer, ListedRuns } from '../src/protocol';
import { FakeKernel, click, completeDom, context, host, settled } from './support';

const [A, B] = ['Pipeline A#1', 'Pipeline B#1'];

const COMPARE: ComparePayload = {
  panel: 'compare',
  version: 1,
  total: 2,
  baseline: 0,
  detailed: true,
  metrics: ['roc_auc\teval\t\thigher', 'log_loss\teval\t\tlower', 'seen\t\t\t'],
  best: ['0', '1', ''],
  parameters: ['trainer.estimator', 'trainer.max_iter'],
  runs: [
    `${A}\tada\tflights\t87da8a9f62fa\t.7671\t.4589\t9\tTrees\t`,
    `${B}\tbob\tflights\t87da8a9f62fa\t.6553\t.4198\t9\tLogistic<b>\t500`
  ],
  code: [{ slot: 'transform', base: A, runs: [B], place: 'late', lines: ['-a <b>', '+b', ' c'] }],
  data: [
    {
      run: B,
      size: 'train\t100\t90',
      columns: ['delay\tJensen-Shannon\t.231\t.1\t.02\t12.4\t.3\t19.8\t', 'id\t\t\t\t0\t\t0\t\t']
    }
  ],
  series: [
    { run: A, name: 'loss', x: '0 1', y: '1 .5' },
    { run: B, name: 'loss', x: '0 1', y: '1 .25' },
    { run: A, name: 'eval', x: '0 .5 1', y: '0 .8 1', kind: 'roc' }
  ],
  steps: [
    `split\t1\tada\t\tRandomSplit\t\t1\tada\t${A}\tRandomSplit\t`,
    'trainer\t1\tada\t\tTrees\t\t2\tbob\t\tLogistic\t1'
  ],
  notes: ['<i>note</i>']
};

const LIST: ListedRuns = {
  type: 'runs',
  metrics: ['roc_auc on eval\thigher'],
  runs: Array.from(
    { length: 1000 },
    (_, i) =>
      `Pipeline ${i % 20}#${50 - Math.floor(i / 20)}\t${i % 2 ? 'ada' : 'bob'}\tflights\t${
        1_700_000_000_000 - i * 3_600_000
      }\t${i / 1000}`
  )
};

beforeEach(() => {
  completeDom();
});

function rows(where: ParentNode, label: string): string[] {
  const table = where.querySelector(`table[aria-label="${label}"]`);
  return [...(table?.querySelectorAll<HTMLElement>('.zen-row') ?? [])].map(
    row => row.dataset.name ?? ''
  );
}

function select(where: ParentNode, selector: string, index: number): void {
  const found = where.querySelector<HTMLSelectElement>(selector);
  if (!found) {
    throw new Error(`nothing to select: ${selector}`);
  }
  found.selectedIndex = index;
  found.dispatchEvent(new Event('change'));
}

function fill(where: ParentNode, selector: string, text: string): void {
  const found = where.querySelector<HTMLInputElement>(selector);
  if (!found) {
    throw new Error(`nothing to fill: ${selector}`);
  }
  found.value = text;
  found.dispatchEvent(new Event('input'));
}

describe('a comparison', () => {
  it('is read from its strings', () => {
    const runs = runsOf(COMPARE);
    expect(runs[1]).toMatchObject({
      label: B,
      user: 'bob',
      metrics: [0.6553, 0.4198, 9],
      parameters: ['Logistic<b>', '500']
    });
    expect(metricsOf(COMPARE).map(m => m.title)).toEqual([
      'roc_auc on eval',
      'log_loss on eval',
      'seen'
    ]);
    expect(stepsOf(COMPARE).map(s => [s.slot, s.titles, s.shared])).toEqual([
      ['split', 'RandomSplit', true],
      ['trainer', 'Trees, Logistic', false]
    ]);
    expect(curvesOf(COMPARE.series ?? [], runs).map(g => [g.kind, g.curves.length])).toEqual([
      ['series', 2],
      ['roc', 1]
    ]);
  });

  it('writes differences as Python does', () => {
    expect([
      difference(0.7131, 0.7135),
      difference(25.4, 20),
      difference(1, 1),
      difference(null, 1)
    ]).toEqual(['▼ -0.0004', '▲ +5.40', '= 0', '–']);
    expect(command([A, B], 1)).toBe(`%zen compare "${B}" "${A}"`);
  });

  it('has axes of numbers, of wide ranges, and of names', () => {
    expect(scale({ name: 'C', values: ['0.001', '1', null] })).toMatchObject({
      sign: ' (log)',
      places: [0, 1, null]
    });
    expect(scale({ name: 'auc', values: [0.6, 0.7], better: 'higher' }).sign).toBe(' ↑');
    expect(scale({ name: 'kind', values: ['a', 'b', 'a', ''] }).places).toEqual([1, 0, 1, null]);
  });
});

describe('the compare panel', () => {
  it('sorts by a metric, the best first', () => {
    const place = host();
    draw(place, COMPARE, context());
    const [, , loss] = place.querySelectorAll<HTMLElement>('.zen-runs th.zen-right .zen-sort');
    expect(loss?.textContent).toBe('seen');
    const sort = place.querySelectorAll<HTMLElement>('.zen-runs .zen-sort');
    sort[3]?.click();
    expect(rows(place, 'Runs')).toEqual([B, A]); // the lower, the better
    sort[2]?.click();
    expect(rows(place, 'Runs')).toEqual([A, B]);
  });

  it('marks the best, and shows how far the others are from the baseline', () => {
    const place = host();
    draw(place, COMPARE, context());
    const cells = () =>
      [...place.querySelectorAll('.zen-runs tbody td.zen-right')].map(c => c.textContent);
    expect(cells()).toEqual([
      '★ 0.7671',
      '0.4589',
      '9.000',
      '0.6553▼ -0.1118',
      '★ 0.4198▼ -0.0391',
      '9.000= 0'
    ]);
    select(place, '[data-control=baseline]', 1);
    expect(cells()[0]).toBe('★ 0.7671▲ +0.1118');
    expect(place.textContent).toContain(`Code here is compared with ${A}.`);
  });

  it('shows only differences, or all', () => {
    const place = host();
    draw(place, COMPARE, context());
    expect(rows(place, 'Steps')).toEqual(['trainer']);
    expect(rows(place, `Data of ${B} against ${A}`)).toEqual(['delay']);
    place.querySelector<HTMLInputElement>('.zen-toolbar [type=checkbox]')?.click();
    expect(rows(place, 'Steps')).toEqual(['split', 'trainer']);
    expect(rows(place, `Data of ${B} against ${A}`)).toEqual(['delay', 'id']);
  });

  it('tells added from removed by a sign, and shows strings as text', () => {
    const place = host();
    draw(place, COMPARE, context());
    expect(place.querySelector('del')?.textContent).toBe('−a <b>');
    expect(place.querySelector('ins')?.textContent).toBe('+b');
    expect(place.querySelectorAll('b b, i, pre b')).toHaveLength(0);
  });

  it('knows no least value of a curve that came to nothing', () => {
    const place = host();
    const series = [{ run: A, name: 'loss', x: '0 1', y: '- -' }];
    draw(place, { ...COMPARE, series }, context());
    const cells = place.querySelectorAll('[aria-label="Numbers of loss"] tbody td');
    expect([...cells].map(cell => cell.textContent)).toEqual(['–', '–', '1', '–', '–']);
  });

  it('has headings without a gap between their levels', () => {
    const place = host();
    draw(place, COMPARE, context());
    const levels = [...place.querySelectorAll('h3, h4, h5')].map(node => node.tagName);
    expect([...new Set(levels)]).toEqual(['H3', 'H4']);
  });

  it('has no run, and says so', () => {
    const place = host();
    draw(place, { panel: 'compare', version: 1, runs: [], total: 0 }, context());
    expect(place.textContent).toContain('there is no successful run yet');
  });

  it('draws a line a run, one of which stands out', () => {
    const place = host();
    draw(place, COMPARE, context());
    expect(place.querySelectorAll('.zen-run-line')).toHaveLength(2);
    select(place, '.zen-parallel select', 2);
    expect(place.querySelector('.zen-out')?.getAttribute('data-run')).toBe(B);
    expect(place.querySelector('.zen-parallel-said')?.textContent).toContain('Logistic<b>');
  });
});

describe('choosing runs', () => {
  function answer(request: { type: string; runs?: readonly string[] }): Answer {
    if (request.type === 'list_runs') {
      return LIST;
    }
    const runs = (request.runs ?? []).map(label => `${label}\t\tflights\tabc`);
    const payload: ComparePayload = {
      panel: 'compare',
      version: 1,
      total: runs.length,
      baseline: 0,
      detailed: true,
      runs
    };
    return { type: 'compared', payload, html: '<table>', text: 'text' };
  }

  async function opened(keep?: (bundle: Bundle) => boolean) {
    const place = host();
    const kernel = new FakeKernel(answer);
    draw(place, COMPARE, keep ? { ...context(kernel), keep } : context(kernel));
    click(place, '[data-action=choose]');
    await settled();
    return { place, kernel };
  }

  async function chosen(keep?: (bundle: Bundle) => boolean) {
    const { place, kernel } = await opened(keep);
    fill(place, '.zen-picker .zen-search', 'pipeline 3 #50');
    click(place, '.zen-virtual tbody input');
    fill(place, '.zen-picker .zen-search', 'pipeline 3 #49');
    click(place, '.zen-virtual tbody input');
    click(place, '[data-action=compare]');
    await settled();
    return { place, kernel };
  }

  it('filters by name, revision, user, datasource and day', () => {
    const run = choicesOf(LIST)[21];
    const all = { text: '', user: '', source: '', from: '', to: '' };
    expect(run).toMatchObject({ label: 'Pipeline 1#49', name: 'Pipeline 1', revision: 49 });
    const fit = (change: object) => run && fits(run, { ...all, ...change });
    expect(fit({ text: 'PIPE #49', user: 'ada', source: 'flights' })).toBe(true);
    expect(fit({ from: run?.day, to: run?.day })).toBe(true);
    const others = [{ text: '#4' }, { user: 'bob' }, { source: 'x' }, { to: '2023-01-01' }];
    expect(others.map(fit)).toEqual([false, false, false, false]);
  });

  it('has few of a thousand rows in the page', async () => {
    const { place } = await opened();
    expect(place.querySelector('.zen-picker .zen-count')?.textContent).toBe('1,000 runs');
    expect(rows(place, 'Runs').length).toBeLessThan(40);
    const compare = place.querySelector<HTMLButtonElement>('[data-action=compare]');
    expect(compare?.disabled).toBe(true);
  });

  it('compares what is ticked, the earlier run first; back is what was there', async () => {
    const { place, kernel } = await chosen();
    expect(kernel.asked[1]).toEqual({
      type: 'compare_runs',
      runs: ['Pipeline 3#49', 'Pipeline 3#50'],
      baseline: 0,
      all_parameters: false
    });
    expect(rows(place, 'Runs')).toEqual(['Pipeline 3#49', 'Pipeline 3#50']);
    expect(place.querySelector('[data-action=keep]')).toBeNull(); // nobody could
    click(place, '[data-action=back]');
    expect(rows(place, 'Runs')).toEqual([A, B]);
    expect((document.activeElement as HTMLElement).dataset.action).toBe('choose');
  });

  it('gives what is to be kept to the notebook', async () => {
    const kept: Bundle[] = [];
    const { place } = await chosen(bundle => kept.push(bundle) > 0);
    click(place, '[data-action=keep]');
    expect(kept).toHaveLength(1);
    expect(document.activeElement?.className).toContain('zen-is-kept'); // the button is gone
    expect(Object.keys(kept[0] ?? {})).toEqual([
      'application/vnd.zenlab.v1+json',
      'text/html',
      'text/plain'
    ]);
    expect(place.textContent).toContain('%zen compare "Pipeline 3#49" "Pipeline 3#50"');
  });

  it('says so where there is no such output any more', async () => {
    const { place } = await chosen(() => false);
    click(place, '[data-action=keep]');
    expect(place.textContent).toContain('run its cell again');
    expect(place.querySelector('[data-action=keep]')).not.toBeNull();
  });
});

describe('a long table', () => {
  const numbers = Array.from({ length: 1000 }, (_, i) => i);

  function made() {
    const ticked = new Set<number>();
    const table = new VirtualTable<number>({
      label: 'Numbers',
      columns: [{ title: 'n', cell: String, key: n => n, descending: true }],
      name: String,
      ticked: n => ticked.has(n),
      tick: (n, on) => {
        if (on) {
          ticked.add(n);
        } else {
          ticked.delete(n);
        }
      }
    });
    host().append(table.node);
    table.show(numbers);
    return { table, ticked };
  }

  function press(key: string): void {
    (document.activeElement ?? document.body).dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true })
    );
  }

  it('sorts, and scrolls to the end', () => {
    const { table } = made();
    click(table.node, '.zen-sort');
    expect(rows(document, 'Numbers')[0]).toBe('999');
    table.node.scrollTop = 30_000;
    table.node.dispatchEvent(new Event('scroll'));
    expect(rows(document, 'Numbers').at(-1)).toBe('0');
    expect(rows(document, 'Numbers').length).toBeLessThan(40);
  });

  it('is walked through by the keyboard, and remembers its ticks', () => {
    const { table, ticked } = made();
    table.node.focus();
    press('ArrowDown');
    press('ArrowDown');
    const second = document.activeElement as HTMLInputElement;
    expect(second.getAttribute('aria-label')).toBe('Compare 1');
    second.click();
    press('End');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Compare 999');
    expect([...ticked]).toEqual([1]);
    press('Home');
    press('ArrowDown');
    expect((document.activeElement as HTMLInputElement).checked).toBe(true);
  });
});
