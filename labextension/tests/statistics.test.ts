import { beforeEach, describe, expect, it } from 'vitest';

import { Bus } from '../src/context';
import { draw as drawAnomalies } from '../src/panels/anomalies';
import { draw } from '../src/panels/statistics';
import { ANOMALIES, STATISTICS } from './payloads';
import { FakeKernel, click, completeDom, context, host, names, settled } from './support';

beforeEach(() => {
  completeDom();
});

function type(where: ParentNode, text: string): void {
  const search = where.querySelector<HTMLInputElement>('.zen-search');
  if (search) {
    search.value = text;
    search.dispatchEvent(new Event('input'));
  }
}

describe('the statistics panel', () => {
  it('puts numbers, times and text into tables of their own', () => {
    const place = host();
    draw(place, STATISTICS, context());
    const groups = [...place.querySelectorAll<HTMLElement>('[data-group]')];
    expect(groups.map(g => [g.dataset.group, names(g)])).toEqual([
      ['numbers', ['delay', 'hour']],
      ['times', ['time']],
      ['texts', ['carrier']]
    ]);
    expect(place.textContent).toContain('eval 33.3%'); // the most missing of all datasets
  });

  it('sorts by a header, the other way round, and back', () => {
    const place = host();
    draw(place, STATISTICS, context());
    const sort = '[data-group=numbers] th:last-child .zen-sort';
    const header = place.querySelector('[data-group=numbers] th:last-child');
    click(place, '[data-group=numbers] th:first-child .zen-sort');
    expect(names(place).slice(0, 2)).toEqual(['delay', 'hour']);
    click(place, '[data-group=numbers] th:first-child .zen-sort');
    expect(names(place).slice(0, 2)).toEqual(['hour', 'delay']);
    click(place, sort);
    expect(header?.getAttribute('aria-sort')).toBe('descending');
    expect(names(place).slice(0, 2)).toEqual(['delay', 'hour']);
    click(place, sort); // what has no drift stays last
    expect(names(place).slice(0, 2)).toEqual(['delay', 'hour']);
    click(place, sort);
    expect(header?.getAttribute('aria-sort')).toBe('none');
  });

  it('filters by text, also of values', () => {
    const place = host();
    draw(place, STATISTICS, context());
    type(place, 'ua');
    expect(names(place)).toEqual(['carrier']);
    expect(place.querySelector('.zen-count')?.textContent).toBe('1 of 4 columns');
    type(place, '');
    expect(names(place)).toHaveLength(4);
  });

  it('shows only missing, only anomalous', () => {
    const place = host();
    draw(place, STATISTICS, context());
    const [missing, anomalous] = place.querySelectorAll<HTMLInputElement>(
      '.zen-toolbar [type=checkbox]'
    );
    missing?.click();
    expect(names(place)).toEqual(['delay']);
    missing?.click();
    anomalous?.click();
    expect(names(place)).toEqual(['carrier']);
  });

  it('opens a feature with the numbers of all datasets', () => {
    const place = host();
    draw(place, STATISTICS, context());
    click(place, '[data-name=delay] .zen-toggle');
    const opened = place.querySelector('[data-feature=delay]');
    expect(opened?.textContent).toContain('standard deviation');
    expect(opened?.textContent).toContain('origin = JFK');
    expect(
      place.querySelector('[data-name=delay] .zen-toggle')?.getAttribute('aria-expanded')
    ).toBe('true');
    click(place, '[data-name=delay] .zen-toggle');
    expect(place.querySelector('[data-feature=delay]')).toBeNull();
  });

  it('shows hostile values as text', () => {
    const place = host();
    draw(place, STATISTICS, context());
    expect(place.querySelector('[data-name=carrier] b')).toBeNull();
    expect(place.textContent).toContain('<b>x</b>');
  });

  it('gets more features from the kernel', async () => {
    const place = host();
    const column = { name: 'more', kind: 'integer', datasets: ['1\t0\t\t\t\t\t\t\t', ''] };
    const kernel = new FakeKernel(() => ({
      type: 'features',
      payload: { ...STATISTICS, columns: [column] }
    }));
    draw(place, STATISTICS, context(kernel));
    click(place, '[data-action=more]');
    await settled();
    expect(kernel.asked).toEqual([
      {
        type: 'more_features',
        subject: { panel: 'statistics', title: 'Pipeline A', datasets: ['train', 'eval'] },
        start: 4,
        count: 200
      }
    ]);
    expect(names(place)).toContain('more');
    expect(place.querySelector('[data-action=more]')).toBeNull();
  });

  it('has nothing to press where there is no kernel', () => {
    const place = host();
    const kernel = new FakeKernel(() => ({ type: 'failure', message: 'no' }));
    kernel.connected = false;
    const handle = draw(place, STATISTICS, context(kernel));
    const refresh = place.querySelector<HTMLElement>('[data-action=refresh]');
    expect(refresh?.hidden).toBe(true);
    kernel.connect(true);
    expect(refresh?.hidden).toBe(false);
    handle.dispose();
    expect(kernel.listeners).toBe(0);
  });

  it('shows an error of the kernel, and what to do next', async () => {
    const place = host();
    const kernel = new FakeKernel(() => ({ type: 'failure', message: '<i>no', hint: 'try' }));
    draw(place, STATISTICS, context(kernel));
    click(place, '[data-action=refresh]');
    await settled();
    expect(place.querySelector('[role=alert]')?.textContent).toBe('✕ <i>noNext: try');
  });

  it('is drawn anew by refresh', async () => {
    const place = host();
    const kernel = new FakeKernel(() => ({
      type: 'refreshed',
      payload: { ...STATISTICS, columns: STATISTICS.columns.slice(0, 1) }
    }));
    draw(place, STATISTICS, context(kernel));
    click(place, '[data-action=refresh]');
    await settled();
    expect(names(place)).toEqual(['delay']);
    expect(place.textContent).toContain('As it is now');
  });
});

describe('the anomalies panel', () => {
  it('jumps to a feature of a statistics panel, through its filter', () => {
    const bus = new Bus();
    const [one, two] = [document.createElement('div'), document.createElement('div')];
    document.body.replaceChildren(one, two);
    draw(one, STATISTICS, context(null, bus));
    drawAnomalies(two, ANOMALIES, context(null, bus));
    type(one, 'hour');
    click(two, '[data-action=jump]');
    expect(one.querySelector('[data-feature=carrier]')).not.toBeNull();
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Details of carrier');
  });

  it('says what to do where there is no such panel', () => {
    const place = host();
    drawAnomalies(place, ANOMALIES, context());
    click(place, '[data-action=jump]');
    expect(place.querySelector('[role=status]')?.textContent).toContain('view_statistics()');
  });

  it('filters by severity and text', () => {
    const place = host();
    drawAnomalies(place, ANOMALIES, context());
    const severity = place.querySelector('select');
    if (severity) {
      severity.selectedIndex = 1;
      severity.dispatchEvent(new Event('input'));
    }
    expect(names(place)).toEqual(['carrier', 'delay']); // the second is a distance
    type(place, 'nothing');
    expect(names(place)).toEqual(['delay']);
  });

  it('accepts one column, or all after a question', async () => {
    const place = host();
    const kernel = new FakeKernel(() => ({ type: 'accepted', text: 'done' }));
    drawAnomalies(place, ANOMALIES, context(kernel));
    click(place, '[data-action=accept]');
    click(place, '[data-action=accept-all]');
    click(place, '[data-action=confirm-accept-all]');
    await settled();
    expect(kernel.asked.map(r => r.type === 'accept' && r.features)).toEqual([['carrier'], []]);
    const accepted = place.querySelector('[data-action=accept]');
    expect([accepted?.textContent, accepted?.getAttribute('aria-label')]).toEqual([
      'Accepted',
      'Accepted carrier'
    ]);
    expect(place.querySelector('[role=status]')?.textContent).toBe('✓ done');
  });

  it('has no header without a word', () => {
    const place = host();
    drawAnomalies(place, ANOMALIES, context());
    const heads = [...place.querySelectorAll('th[scope=col]')].map(th => th.textContent);
    expect(heads).not.toContain('');
  });

  it('accepts nothing without a kernel', () => {
    const place = host();
    drawAnomalies(place, ANOMALIES, context());
    const buttons = place.querySelectorAll<HTMLElement>('[data-action=accept]');
    expect(buttons).toHaveLength(2);
    expect([...buttons].every(b => b.hidden)).toBe(true);
  });
});
