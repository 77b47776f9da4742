/**
 * Elements made of text and attributes: nothing here, or anywhere else, reads markup.
 */

export type Child = Node | string | null | undefined | false;

type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

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
  host.replaceChildren(...present(children));
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
      made.setAttribute(name, String(value));
    }
  }
  made.append(...present(children));
  return made;
}

function present(children: readonly Child[]): (Node | string)[] {
  return children.filter((c): c is Node | string => typeof c === 'string' || c instanceof Node);
}
