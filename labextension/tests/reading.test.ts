import { describe, expect, it } from 'vitest';

import { showStatic } from '../src/fallback';
import { moment, number, percent, span, written } from '../src/numbers';
import { fields, parse, series } from '../src/packing';
import { known } from '../src/registry';
import { plain, shortened } from '../src/parts/chart';
import { feature } from '../src/statistics-model';
import { ANOMALIES } from './payloads';

describe('numbers', () => {
  it('are written as Python writes them', () => {
    expect([0.73, 1234.56, 0.0000123, 999.99, NaN].map(v => number(v))).toEqual([
      '0.7300',
      '1,235',
      '1.230e-5',
      '1,000',
      '–'
    ]);
    expect([0.2964, 1, 0.00012, 0, null].map(v => percent(v))).toEqual([
      '29.6%',
      '100%',
      '0.012%',
      '0%',
      '–'
    ]);
    expect(['12', '12.0', '', '.5'].map(v => written(v))).toEqual(['12', '12.00', '–', '0.5000']);
    expect([90, 7200, -172800, 0.25, 0].map(v => span(v))).toEqual([
      '1.500 min',
      '2.000 h',
      '-2.000 d',
      '250.0 ms',
      '0 s'
    ]);
    expect([1356998400, 1357034700.5].map(moment)).toEqual(['2013-01-01', '2013-01-01 10:05']);
  });

  it('are read as Python packs them', () => {
    expect(fields('UA\t11823\t.7312\t')).toEqual(['UA', '11823', '.7312', '']);
    expect(series('0 .125 - 1')).toEqual([0, 0.125, NaN, 1]);
    expect([parse(''), parse('1.235e6'), parse('-Infinity')]).toEqual([null, 1235000, -Infinity]);
  });
});

describe('a feature', () => {
  it('may be missing in a dataset, and have no numbers', () => {
    const read = feature({ name: 'x', kind: 'empty', datasets: ['', '0\t9\t\t\t\t\t\t\t'] });
    expect(read.parts[0]).toBeNull();
    expect([read.group, read.missing, read.missingIn, read.scale]).toEqual(['others', 1, 1, null]);
  });
});

describe('a payload', () => {
  it('is known by its kind and version', () => {
    expect(known(ANOMALIES)).toBe(ANOMALIES);
    for (const other of [
      null,
      'text',
      {},
      { ...ANOMALIES, version: 2 },
      { ...ANOMALIES, panel: 'toString' },
      { ...ANOMALIES, panel: 'newer' }
    ]) {
      expect(known(other)).toBeNull();
    }
  });
});

describe('the static table', () => {
  it('keeps what Python writes, and nothing else', () => {
    const place = document.createElement('div');
    showStatic(place, {
      'text/html': [
        '<div><table><tbody align="right"><tr><td onclick="x()" style="color:red">a &amp; b</td></tr>',
        '</tbody></table><script>alert(1)</script><img src=x onerror=alert(1)><a href="x">link</a></div>'
      ]
    });
    expect(place.querySelector('tbody')?.getAttribute('align')).toBe('right');
    expect(place.querySelectorAll('script, img, a, [onclick], [style]')).toHaveLength(0);
    expect(place.textContent).toBe('a & blink');
  });

  it('writes marks of direction, which a file may have from anybody', () => {
    const place = document.createElement('div');
    showStatic(place, { 'text/html': '<table><tr><td>\u202egnp.exe</td></tr></table>' });
    expect(place.textContent).toBe('\\u202egnp.exe');
  });

  it('is text where there is no table', () => {
    const place = document.createElement('div');
    showStatic(place, { 'text/plain': '<b>' });
    expect(place.querySelector('pre')?.textContent).toBe('<b>');
    showStatic(place, {});
    expect(place.textContent).not.toBe('');
  });
});

describe('a text in a chart', () => {
  it('is cut between two signs', () => {
    expect(shortened('a\u{1f6eb}bc', 3)).toBe('a\u{1f6eb}…');
    expect(shortened('\u{1f6eb}bc', 3)).toBe('\u{1f6eb}bc');
  });

  it('is no markup of plotly', () => {
    expect(plain('<b>AT&T</b> $x$')).toBe('&lt;b>AT&amp;T&lt;/b> &#36;x&#36;');
  });
});
