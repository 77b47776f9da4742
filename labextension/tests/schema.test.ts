import { beforeEach, describe, expect, it } from 'vitest';

import { Bus } from '../src/context';
import { draw } from '../src/panels/schema';
import { draw as drawStatistics } from '../src/panels/statistics';
import type { SchemaPayload } from '../src/payloads';
import { common, rule } from '../src/schema-model';
import { STATISTICS } from './payloads';
import { FakeKernel, click, completeDom, context, host, names, settled } from './support';

const SCHEMA: SchemaPayload = {
  panel: 'schema',
  version: 1,
  title: 'Pipeline A',
  origin: 'inferred from train',
  environments: ['TRAINING', 'SERVING'],
  total: 4,
  columns: [
    { name: 'delay', rule: 'FLOAT\t\t.5\t\t\t-60\t1500\t\t\t.1\t.1' },
    { name: 'hour', rule: 'INT\t1\t1.0\t\t\t0\t\t\t\t.1\t.1' },
    {
      name: 'carrier',
      rule: 'BYTES\t1\t1.0\t1\t1\t\t\t16\t.9\t.1\t.2',
      values: ['UA', '<b>x</b>'],
      not_in_environments: ['SERVING']
    },
    { name: 'tags', rule: 'BYTES\t\t\t1\t0\t\t\t3\t\t.1\t.1', sensitive: true }
  ]
};

function choose(place: ParentNode, label: string, index: number): void {
  const select = place.querySelector<HTMLSelectElement>(`select[aria-label="${label}"]`);
  if (select) {
    select.selectedIndex = index;
    select.dispatchEvent(new Event('input'));
  }
}

function type(place: ParentNode, text: string): void {
  const search = place.querySelector<HTMLInputElement>('.zen-search');
  if (search) {
    search.value = text;
    search.dispatchEvent(new Event('input'));
  }
}

beforeEach(() => {
  completeDom();
});

describe('a rule', () => {
  it('is in the words of the static table', () => {
    const [delay, hour, carrier, tags] = SCHEMA.columns.map(rule);
    expect(delay).toMatchObject({
      type: 'number',
      presence: 'in 50.0% or more',
      range: '-60 … 1,500'
    });
    expect(hour).toMatchObject({ type: 'integer', presence: 'required', range: '≥ 0', perRow: '' });
    expect(carrier).toMatchObject({
      values: 'UA, <b>x</b> and 14 more (90.0% of the rows or more)',
      perRow: '',
      environments: 'not SERVING'
    });
    expect(tags).toMatchObject({ values: '3, not shown', perRow: '≥ 1', notes: 'sensitive' });
  });

  it('has thresholds of its own only where they differ', () => {
    expect([...common(SCHEMA, SCHEMA.columns.map(rule))]).toEqual([['drift', '0.1']]);
    expect(common({ ...SCHEMA, total: 9 }, SCHEMA.columns.map(rule)).size).toBe(0);
  });
});

describe('the schema panel', () => {
  it('filters by text, type and presence', () => {
    const place = host();
    draw(place, SCHEMA, context());
    expect(names(place)).toEqual(['delay', 'hour', 'carrier', 'tags']);
    expect(place.querySelector('.zen-table b')).toBeNull();
    choose(place, 'Type', 3);
    expect(names(place)).toEqual(['carrier', 'tags']);
    choose(place, 'Presence', 1);
    expect(names(place)).toEqual(['carrier']);
    choose(place, 'Type', 0);
    choose(place, 'Presence', 2);
    type(place, 'sensitive');
    expect(names(place)).toEqual(['tags']);
    expect(place.querySelector('.zen-count')?.textContent).toBe('1 of 4 columns');
  });

  it('jumps to the statistics of a column, or says what to do', () => {
    const bus = new Bus();
    const [one, two] = [document.createElement('div'), document.createElement('div')];
    document.body.replaceChildren(one, two);
    drawStatistics(one, STATISTICS, context(null, bus));
    draw(two, SCHEMA, context(null, bus));
    click(two, '[data-name=hour] [data-action=jump]');
    expect(one.querySelector('[data-feature=hour]')).not.toBeNull();
    click(two, '[data-name=tags] [data-action=jump]');
    expect(two.querySelector('[role=status]')?.textContent).toContain('view_statistics()');
  });

  it('accepts one column, or all after a question, with a kernel', async () => {
    const place = host();
    const kernel = new FakeKernel(() => ({ type: 'accepted', text: 'done' }));
    draw(place, SCHEMA, context(kernel));
    click(place, '[data-name=carrier] [data-action=accept]');
    click(place, '[data-action=accept-all]');
    click(place, '[data-action=confirm-accept-all]');
    await settled();
    expect(kernel.asked).toEqual(
      [['carrier'], []].map(features => ({
        type: 'accept',
        subject: { panel: 'schema', title: 'Pipeline A' },
        features
      }))
    );
    draw(place, SCHEMA, context());
    expect(place.querySelector<HTMLElement>('[data-action=accept]')?.hidden).toBe(true);
  });
});
