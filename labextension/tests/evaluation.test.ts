import { beforeEach, describe, expect, it } from 'vitest';

import { at, cuts, marks, ownCut, slices } from '../src/evaluation-model';
import { difference } from '../src/numbers';
import { draw } from '../src/panels/evaluation';
import { known } from '../src/registry';
import type { EvaluationPayload, LabelResult } from '../src/payloads';
import { FakeKernel, click, completeDom, context, host, names } from './support';

const LATE: LabelResult = {
  label: 'late',
  task: 'binary',
  split: 'eval',
  rows: 100,
  metrics: ['roc_auc\t.7671', 'log_loss\t.4589', 'errors\t12'],
  slices: [
    {
      columns: ['carrier'],
      metrics: ['roc_auc', 'log_loss'],
      rows: ['UA\t60\t.7435\t.4456', '<b>x</b>\t30\t.8105\t.5367', 'HA\t10\t\t.3466']
    },
    { columns: ['origin', 'hour'], metrics: ['roc_auc'], rows: ['EWR\t5\t100\t.7671'] }
  ],
  curves: [
    { kind: 'roc', target: 'True', x: '0 .1 1', y: '0 .6 1' },
    { kind: 'calibration', target: 'True', x: '.2 .8', y: '.25 .75', counts: '80 20' }
  ],
  thresholds: {
    positive: 'True',
    positives: 40,
    negatives: 60,
    thresholds: '0 .25 .5 .75 1',
    tp: '40 35 20 10 0',
    fp: '60 20 5 1 0'
  },
  confusion: { classes: ['False', 'True'], counts: ['55 5', '20 20'] }
};

const EVALUATION: EvaluationPayload = {
  panel: 'evaluation',
  version: 1,
  pipeline: 'Pipeline A',
  model: 'LogisticRegression',
  results: [LATE, { ...LATE, split: 'train', slices: [], curves: [], thresholds: null }],
  omitted: ['Slices of late on eval that the evaluator left out: 1']
};

function drawn(payload: EvaluationPayload = EVALUATION): HTMLElement {
  const place = host();
  draw(place, payload, context());
  return place;
}

function slide(place: ParentNode, value: number): HTMLInputElement {
  const slider = place.querySelector<HTMLInputElement>('[type=range]');
  if (!slider) {
    throw new Error('no slider');
  }
  slider.value = String(value);
  slider.dispatchEvent(new Event('input'));
  return slider;
}

function choose(place: ParentNode, label: string, index: number): void {
  const select = place.querySelector<HTMLSelectElement>(`select[aria-label="${label}"]`);
  if (!select) {
    throw new Error(`no ${label}`);
  }
  select.selectedIndex = index;
  select.dispatchEvent(new Event('input'));
}

function texts(place: ParentNode, selector: string): string[] {
  return [...place.querySelectorAll(selector)].map(node => node.textContent);
}

beforeEach(() => {
  completeDom();
});

describe('thresholds', () => {
  it('say what follows from the counts that are stored', () => {
    const [all, , half, , none] = cuts(LATE);
    expect(all).toMatchObject({ tn: 0, fn: 0, precision: 0.4, recall: 1, flagged: 1 });
    expect(half).toMatchObject({ tp: 20, fp: 5, fn: 20, tn: 55, precision: 0.8, recall: 0.5 });
    expect(half?.accuracy).toBe(0.75);
    expect(half?.f1).toBeCloseTo(40 / 65);
    expect(none).toMatchObject({ precision: null, recall: 0, f1: 0, accuracy: 0.6 });
  });

  it('are found again: the model’s own, one half, the best, levels of recall', () => {
    const found = cuts(LATE);
    expect(ownCut(LATE, found)).toBe(2);
    expect(ownCut({ ...LATE, confusion: null }, found)).toBeNull();
    expect(marks(found).map(m => [m.name, m.index])).toEqual([
      ['One half', 2],
      ['Best F1', 1],
      ['Recall 50%', 2],
      ['Recall 75%', 1],
      ['Recall 90%', 1]
    ]);
  });
});

describe('a curve', () => {
  it('is read as Python reads it', () => {
    expect(at([0, 0.5, 1], [0, 0.8, 1], 0.25)).toBe(0.4);
    expect(at([1, 0.5, 0], [1, 0.8, 0], 0.75)).toBeCloseTo(0.9);
    expect(at([0, 0.5, 0.5, 1], [0, 0.2, 0.6, 1], 0.5)).toBe(0.6);
    expect(at([0.2, 0.5], [0, 1], 0.1)).toBeNull();
  });
});

describe('a difference', () => {
  it('is written as Python writes it', () => {
    const pairs: [number, number][] = [
      [0.7131, 0.7135],
      [25.4, 20],
      [1, 1]
    ];
    expect(pairs.map(([a, b]) => difference(a, b))).toEqual(['▼ -0.0004', '▲ +5.40', '= 0']);
    expect(difference(1, null)).toBe('–');
  });
});

describe('slices', () => {
  it('may be of several columns, and lack a metric', () => {
    const [first, second] = LATE.slices ?? [];
    expect(first && slices(first)[2]?.metrics[0]).toEqual({
      name: 'roc_auc',
      text: '',
      value: null
    });
    expect(second && slices(second)[0]).toMatchObject({ values: ['EWR', '5'], rows: 100 });
  });
});

describe('the evaluation panel', () => {
  it('is known, and shows the metrics of all splits', () => {
    expect(known(EVALUATION)).toBe(EVALUATION);
    const place = drawn();
    expect(texts(place, '[data-metric=roc_auc] dd')).toEqual(['0.7671 eval', '0.7671 train']);
    expect(texts(place, '[data-metric=errors] dd b')).toEqual(['12', '12']);
    expect(place.textContent).toContain('the evaluator left out: 1');
  });

  it('moves matrix and metrics with the threshold, and says it', () => {
    const place = drawn();
    const slider = place.querySelector('[type=range]');
    expect(slider?.getAttribute('aria-valuetext')).toBe('0.5000');
    expect(texts(place, '.zen-thresholds td').map(parseFloat)).toEqual([55, 5, 20, 20]);
    slide(place, 1);
    expect(slider?.getAttribute('aria-valuetext')).toBe('0.2500');
    expect(texts(place, '.zen-thresholds td').map(parseFloat)).toEqual([40, 20, 5, 35]);
    expect(texts(place, '.zen-rate b')).toEqual(['63.6%', '87.5%', '75.0%', '0.7368']);
    expect(place.querySelector('.zen-thresholds [role=status]')?.textContent).toBe(
      '55.0% of the rows are flagged: 20 false alarms, 5 missed.'
    );
    slide(place, 4);
    expect(texts(place, '.zen-rate b')).toEqual(['–', '0%', '60.0%', '0']);
    click(place, '[data-threshold="0.5000"]');
    expect(slider?.getAttribute('aria-valuetext')).toBe('0.5000');
  });

  it('shows the matrix of the model where no threshold has it', () => {
    const other = { ...LATE, confusion: { classes: ['False', 'True'], counts: ['50 10', '9 31'] } };
    expect(drawn().querySelectorAll('.zen-confusion')).toHaveLength(1);
    const place = drawn({ ...EVALUATION, results: [other] });
    expect(place.querySelectorAll('.zen-confusion')).toHaveLength(2);
  });

  it('draws bars where the value of all rows is infinite', () => {
    const metrics = ['roc_auc\tInfinity', 'log_loss\t.4589'];
    const place = drawn({ ...EVALUATION, results: [{ ...LATE, metrics }] });
    const widths = [...place.querySelectorAll<HTMLElement>('.zen-slice-bar')].map(b =>
      Math.round(parseFloat(b.style.width))
    );
    expect(widths).toEqual([92, 100]);
    expect(place.querySelector('.zen-slice-all')).toBeNull();
  });

  it('sorts slices by the metric that is chosen', () => {
    const place = drawn();
    const slicesOf = place.querySelector('.zen-by-slice') ?? place;
    expect(names(slicesOf)).toEqual(['UA', '<b>x</b>', 'HA']);
    expect(slicesOf.querySelector('b')).toBeNull();
    click(slicesOf, 'th:nth-child(4) .zen-sort');
    expect(names(slicesOf)).toEqual(['<b>x</b>', 'UA', 'HA']);
    choose(slicesOf, 'Metric', 1);
    expect(names(slicesOf)).toEqual(['<b>x</b>', 'UA', 'HA']);
    click(slicesOf, 'th:nth-child(4) .zen-sort');
    expect(names(slicesOf)).toEqual(['HA', 'UA', '<b>x</b>']);
    expect(texts(slicesOf, '.zen-row td:last-child')[0]).toBe('▼ -0.1123');
    click(slicesOf, '[type=checkbox]');
    expect(slicesOf.querySelectorAll('.zen-below')).toHaveLength(2);
    choose(slicesOf, 'Slices by', 1);
    expect(names(slicesOf)).toEqual(['EWR, 5']);
  });

  it('has the numbers of its curves', () => {
    const place = drawn();
    expect(texts(place, '.zen-readings summary')).toEqual([
      'true positives 60.0% at 10% false positives',
      'What was predicted, and what was seen'
    ]);
    expect(texts(place, '[data-curve=calibration] tbody tr')).toEqual([
      '20.0%25.0%80',
      '80.0%75.0%20'
    ]);
  });

  it('shows the details of another split, and says where there are none', () => {
    const bare = {
      ...LATE,
      split: 'train',
      slices: [],
      curves: [],
      thresholds: null,
      confusion: null
    };
    const place = drawn({ ...EVALUATION, results: [{ ...LATE, curves: [] }, bare] });
    choose(place, 'Details of', 1);
    expect(place.textContent).toContain('Only the metrics of train are stored here.');
  });

  it('shows an evaluator’s own values alone', () => {
    const place = drawn({
      panel: 'evaluation',
      version: 1,
      results: [],
      values: ['mae\t3.25', 'rows\t1200']
    });
    expect(texts(place, '.zen-tile')).toEqual(['mae3.250', 'rows1,200']);
  });

  it('lets go of what it has when it is drawn anew', () => {
    const kernel = new FakeKernel(() => ({ type: 'failure', message: 'no' }));
    const handle = draw(host(), EVALUATION, context(kernel));
    handle.dispose();
    expect(kernel.listeners).toBe(0);
  });
});
