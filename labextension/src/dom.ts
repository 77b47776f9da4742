/**
 * Elements made of text and attributes: nothing here, or anywhere else, reads markup.
 */

export type Child = Node | string | null | undefined | false;

type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Attributes that are shown or spoken. */
const TEXTS = new Set(['aria-label', 'aria-valuetext', 'placeholder', 'title']);

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Make an element.
 *
 * @param attributes of the element; `true` sets an empty one, `false`, null and undefined none.
 */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** Make an element of a picture. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Make a button that does something. */
export function button(
  text: string,
  action: () => void,
  attributes: Attributes = {}
): HTMLButtonElement {
  const made = el('button', { type: 'button', class: 'zen-button', ...attributes }, text);
  made.addEventListener('click', action);
  return made;
}

/** Make a checkbox with its label. */
export function checkbox(
  text: string,
  checked: boolean,
  action: (checked: boolean) => void
): HTMLLabelElement {
  const box = el('input', { type: 'checkbox' });
  box.checked = checked;
  box.addEventListener('change', () => {
    action(box.checked);
  });
  return el('label', { class: 'zen-check' }, box, el('span', {}, text));
}

/** Replace what is in an element. */
export function replace(host: Element, ...children: readonly Child[]): void {
  host.replaceChildren(...present(host, children));
}

/**
 * Change what is in an element. A focus that was on something that goes by it is put on what does the
 * same there, else on the first control there, else elsewhere: it would be lost for the keyboard.
 */
export function keepFocus(host: Element, change: () => void, otherwise?: HTMLElement): void {
  const focused = document.activeElement;
  const within = focused instanceof HTMLElement && host.contains(focused);
  change();
  if (!within || host.contains(focused)) {
    return;
  }
  const controls = [...host.querySelectorAll<HTMLElement>('button, input, select, summary')];
  const there = controls.filter(control => control.closest('[hidden]') === null);
  const same = there.find(control => control.dataset.action === focused.dataset.action);
  (same ?? there[0] ?? otherwise)?.focus({ preventScroll: true });
}

const MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Write the marks that turn the direction of the text after them, as `zenlab/views/strings.py`
 * does: what a notebook or a log holds, anybody may have written. `el` and `replace` do it.
 */
export function visible(text: string): string {
  return text.replace(MARKS, mark => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

let last = 0;

/** An id that no other element of the page has, for `aria-controls` and its like. */
export function fresh(stem: string): string {
  last += 1;
  return `zen-${stem}-${last}`;
}

function fill<E extends Element>(made: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      throw new Error(`${name}: handlers are set by addEventListener`);
    }
    if (value === true) {
      made.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      const text = String(value);
      made.setAttribute(name, TEXTS.has(name) ? visible(text) : text);
    }
  }
  if (made instanceof HTMLOptionElement && !('value' in attributes)) {
    made.value = children.filter(c => typeof c === 'string').join(''); // not as it is shown
  }
  made.append(...present(made, children));
  return made;
}

function present(host: Element, children: readonly Child[]): (Node | string)[] {
  const there = children
    .filter((c): c is Node | string => typeof c === 'string' || c instanceof Node)
    .map(child => (typeof child === 'string' ? visible(child) : child));
  if (!(host instanceof HTMLElement) || host instanceof HTMLOptionElement) {
    return there; // what has no lines to break
  }
  return there.flatMap(child => (typeof child === 'string' ? breakable(child) : child));
}

/** What would push a column out of a narrow panel: a class's name still stands in one line. */
const LONG = /\S{25,}/gu;

/** Where a name is broken by preference: behind marks, and where its words begin. */
const SEAM = /(?<=[_.,:;=/\\-])|(?<=\p{Ll})(?=\p{Lu})/u;

/** Never between a letter and its accents, or inside of an emoji. */
const PIECE = /(?:.(?:\p{M}|\u200d.)*){1,12}/gsu;

/**
 * A text whose long words can be broken, wherever they stand: `overflow-wrap` would have to be set
 * on each cell, and breaks short words as well. What is copied is the text as it was.
 */
function breakable(text: string): (Node | string)[] {
  const made: (Node | string)[] = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(LONG)) {
    const pieces = word.split(SEAM).flatMap(part => part.match(PIECE) ?? []);
    const span = document.createElement('span');
    span.className = 'zen-long';
    span.append(...pieces.flatMap((piece, i) => (i > 0 ? [wbr(), piece] : [piece])));
    made.push(text.slice(end, index), span);
    end = index + word.length;
  }
  return end === 0 ? [text] : [...made, text.slice(end)].filter(part => part !== '');
}

function wbr(): HTMLElement {
  return document.createElement('wbr');
}
