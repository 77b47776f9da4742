import { beforeEach, describe, expect, it } from 'vitest';

import { draw as drawAnomalies } from '../src/panels/anomalies';
import { draw as drawSchema } from '../src/panels/schema';
import { draw } from '../src/panels/statistics';
import type { SchemaPayload } from '../src/payloads';
import type { Answer, Request } from '../src/protocol';
import { sliceChoices, slices } from '../src/statistics-model';
import { ANOMALIES, STATISTICS } from './payloads';
import { FakeKernel, click, completeDom, context, host, names, settled } from './support';

const HOSTILE = '<img src=x onerror="alert(1)">';

beforeEach(() => {
  completeDom();
});

describe('a feature by slice', () => {
  const told: Answer = {
    type: 'slices',
    by: ['origin', 'carrier'],
    datasets: ['eval\t300', `${HOSTILE}\t100`, 'EWR\t90'],
    column: {
      name: 'delay',
      kind: 'number',
      scale: '0 10',
      datasets: Array.from({ length: 3 }, () => '90\t0\t\t1\t0\t5.0\t1.0\t0 2 5 7 10\t.5 .5')
    },
    omitted: ['Slices of few rows or by sensitive columns: 3']
  };

  function choose(place: HTMLElement, label: string, value: string): void {
    const found = place.querySelector<HTMLSelectElement>(`select[aria-label="${label}"]`);
    if (found) {
      found.value = value;
      found.dispatchEvent(new Event('input'));
    }
  }

  function opened(answer: (request: Request) => Answer): [HTMLElement, FakeKernel] {
    const place = host();
    const kernel = new FakeKernel(answer);
    draw(place, STATISTICS, context(kernel));
    click(place, '[data-name=delay] .zen-toggle');
    return [place, kernel];
  }

  it('asks the kernel, shows its slices as it shows datasets, and goes back', async () => {
    const [place, kernel] = opened(() => told);
    choose(place, 'By slice', 'origin');
    await settled();
    const subject = { panel: 'statistics', title: 'Pipeline A', datasets: ['train', 'eval'] };
    const asked = { type: 'feature_slices', subject, feature: 'delay', by: 'origin' };
    expect(kernel.asked).toEqual([{ ...asked, split: 'train' }]);
    const feature = place.querySelector('[data-feature=delay]');
    const heads = [...(feature?.querySelectorAll('th[scope=col]') ?? [])].map(h => h.textContent);
    expect(heads).toEqual(['eval', HOSTILE, 'EWR']);
    expect(place.querySelector('img')).toBeNull();
    expect(place.textContent).toContain('Slices of few rows or by sensitive columns: 3');
    const options = [...place.querySelectorAll('select[aria-label="By slice"] option')];
    expect(options.map(o => o.textContent)).toEqual(['all rows', 'origin', 'carrier']);
    choose(place, 'Slices of', 'eval');
    await settled();
    expect(kernel.asked[1]).toEqual({ ...asked, split: 'eval' });
    choose(place, 'By slice', 'all rows');
    expect(place.querySelector('[data-feature=delay]')?.textContent).toContain('train');
  });

  it('says what goes wrong, and stays as it was', async () => {
    const [place] = opened(() => ({ type: 'failure', message: 'no such slices' }));
    choose(place, 'By slice', 'origin');
    await settled();
    expect(place.querySelector('[role=alert]')?.textContent).toContain('no such slices');
    const by = place.querySelector<HTMLSelectElement>('select[aria-label="By slice"]');
    expect(by?.value).toBe('all rows');
    expect(place.querySelector('[data-feature=delay]')?.textContent).toContain('train');
  });

  it('says of which split the slices are, also where another one has none', async () => {
    const [place] = opened(request =>
      request.type === 'feature_slices' && request.split === 'train'
        ? told
        : { type: 'failure', message: 'no such slices' }
    );
    choose(place, 'By slice', 'origin');
    await settled();
    choose(place, 'Slices of', 'eval');
    await settled();
    expect(place.querySelector('[role=alert]')?.textContent).toContain('no such slices');
    const split = place.querySelector<HTMLSelectElement>('select[aria-label="Slices of"]');
    expect(split?.value).toBe('train');
  });

  it('is offered only with a kernel, and only where there are slices', () => {
    const [place, kernel] = opened(() => told);
    const control = place.querySelector<HTMLElement>('.zen-by-slice');
    expect(control?.hidden).toBe(false);
    kernel.connect(false);
    expect(control?.hidden).toBe(true);
    draw(place, { ...STATISTICS, slices: [] }, context(kernel));
    click(place, '[data-name=delay] .zen-toggle');
    expect(place.querySelector('.zen-by-slice')).toBeNull();
  });

  it('knows the columns of slices from their labels', () => {
    const labels = ['a = x', 'a = y, z', 'a = x, b = 1', 'no sign'];
    const payload = { ...STATISTICS, slices: labels.map(label => `${label}\t\t5\t5`) };
    expect(sliceChoices(slices(payload))).toEqual(['a', 'a, b']);
  });
});

describe('what a notebook does not store', () => {
  const columns = Array.from({ length: 4 }, (_, i) => ({ name: `x${i}`, rule: 'INT\t1' }));
  const SCHEMA: SchemaPayload = {
    panel: 'schema',
    version: 1,
    title: 'Pipeline A',
    columns: columns.slice(0, 2),
    total: 4,
    omitted: ['Columns: 2, which panel.to_frame() has']
  };

  it('is asked for by a schema panel', async () => {
    const place = host();
    const kernel = new FakeKernel(() => ({
      type: 'refreshed',
      payload: { ...SCHEMA, columns, omitted: [] }
    }));
    draw2(place, kernel);
    expect(place.textContent).not.toContain('which panel.to_frame() has');
    click(place, '[data-action=whole]');
    await settled();
    const subject = { panel: 'schema', title: 'Pipeline A' };
    expect(kernel.asked).toEqual([{ type: 'whole', subject }]);
    expect(names(place)).toEqual(['x0', 'x1', 'x2', 'x3']);
    expect(place.querySelector('[data-action=whole]')).toBeNull();
  });

  it('is not mixed with that of another schema', async () => {
    const place = host();
    const other = columns.map(c => ({ ...c, rule: 'FLOAT\t1' }));
    const payload = { ...SCHEMA, columns: other };
    draw2(place, new FakeKernel(() => ({ type: 'refreshed', payload })));
    click(place, '[data-action=whole]');
    await settled();
    expect(names(place)).toEqual(['x0', 'x1']);
    expect(place.querySelector('.zen-said')?.textContent).toContain('refresh it');
  });

  it('is asked for by an anomalies panel', async () => {
    const place = host();
    const [only] = ANOMALIES.datasets;
    const stored = {
      ...ANOMALIES,
      datasets: only ? [{ ...only, found: 3 }] : [],
      omitted: ['Anomalies of eval: 1, which panel.to_frame() has', 'Datasets: 2']
    };
    const all = [...(only?.anomalies ?? []), 'hour\terror\tnew'];
    const payload = { ...stored, datasets: [{ ...stored.datasets[0], anomalies: all }] };
    drawAnomalies(
      place,
      stored,
      context(new FakeKernel(() => ({ type: 'refreshed', payload }) as Answer))
    );
    expect(place.textContent).toContain('Not stored in the notebook: Anomalies of eval: 1.');
    expect(place.textContent).toContain('Datasets: 2');
    click(place, '[data-action=whole]');
    await settled();
    expect(names(place)).toContain('hour');
  });

  function draw2(place: HTMLElement, kernel: FakeKernel): void {
    drawSchema(place, SCHEMA, context(kernel));
  }
});
