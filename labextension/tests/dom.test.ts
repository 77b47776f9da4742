// @vitest-environment jsdom
import { expect, test } from 'vitest';

import { el, replace, svg, visible } from '../src/dom';

const LONG = `x${'0123456789'.repeat(31)}`;

test('a long word can be broken everywhere, and is copied as it was', () => {
  const made = el('td', {}, `rows of ${LONG} are gone`);
  expect(made.textContent).toBe(`rows of ${LONG} are gone`);
  const word = made.querySelector('.zen-long');
  expect(word?.textContent).toBe(LONG);
  const pieces = [...(word?.childNodes ?? [])].filter(n => n.nodeType === Node.TEXT_NODE);
  expect(Math.max(...pieces.map(p => p.textContent?.length ?? 0))).toBeLessThanOrEqual(12);
  expect(word?.querySelectorAll('wbr')).toHaveLength(pieces.length - 1);
});

test('a name of a class breaks between its words', () => {
  const made = el('span', {}, 'HistGradientBoostingClassifier');
  const texts = [...(made.firstElementChild?.childNodes ?? [])].map(n => n.textContent);
  expect(texts).toEqual(['Hist', '', 'Gradient', '', 'Boosting', '', 'Classifier']);
});

test('short words, pictures and options stay one text', () => {
  expect(el('p', {}, 'departure delay').childNodes).toHaveLength(1);
  expect(svg('text', {}, LONG).childNodes).toHaveLength(1);
  expect(el('option', {}, LONG).childNodes).toHaveLength(1);
});

test('an accent stays with its letter', () => {
  const made = el('p', {}, 'e\u0301'.repeat(40));
  const texts = [...(made.firstElementChild?.childNodes ?? [])].map(n => n.textContent ?? '');
  expect(texts.some(t => t.startsWith('\u0301'))).toBe(false);
});

test('marks of direction are written, wherever a text is shown', () => {
  const name = '\u202egnp.exe';
  expect(visible(name)).toBe('\\u202egnp.exe');
  const made = el('button', { 'aria-label': name, 'data-name': name }, name);
  expect(made.textContent).toBe('\\u202egnp.exe');
  expect(made.getAttribute('aria-label')).toBe('\\u202egnp.exe');
  expect(made.dataset.name).toBe(name); // what is looked up is the name itself
  expect(el('option', {}, name).value).toBe(name);
  replace(made, `of ${name}`);
  expect(made.textContent).toBe('of \\u202egnp.exe');
  expect(visible('\u05d0\u05d1 שלום')).toBe('\u05d0\u05d1 שלום');
});
