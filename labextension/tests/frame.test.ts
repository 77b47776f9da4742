import { beforeEach, describe, expect, it } from 'vitest';

import { draw } from '../src/panels/statistics';
import type { StatisticsPayload } from '../src/payloads';
import { STATISTICS } from './payloads';
import { FakeKernel, completeDom, context, host } from './support';

const NOTE = 'The kernel has zenlab 9.9.';

beforeEach(() => {
  completeDom();
});

function kernel(note = ''): FakeKernel & { note: string } {
  return Object.assign(new FakeKernel(() => ({ type: 'failure', message: 'no' })), { note });
}

describe('the frame of a panel', () => {
  it('tells of the kernel at once, and once, however often that runs a cell', () => {
    const place = host();
    const made = kernel(NOTE);
    draw(place, STATISTICS, context(made));
    const about = place.querySelector('.zen-about');
    expect(about?.textContent).toBe(NOTE);
    const said = about?.firstChild;
    made.connect(true);
    expect(about?.firstChild).toBe(said);
    made.note = '';
    made.connect(true);
    expect(about?.textContent).toBe('');
  });

  it('stops listening where a payload could not be drawn', () => {
    const made = kernel();
    const broken = { ...STATISTICS, columns: null } as unknown as StatisticsPayload;
    expect(() => draw(host(), broken, context(made))).toThrow();
    expect(made.listeners).toBe(0);
  });
});
