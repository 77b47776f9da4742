/**
 * The static table of a panel, for a payload that this version cannot draw.
 *
 * What `zenlab/views/html.py` writes is bare: the tags and the one attribute that it uses are copied
 * element by element, and everything else stays text. Nothing is handed to the page as markup.
 */

import { el, visible } from './dom';

const TAGS = new Set(
  'div h4 p pre b br table thead tbody tr th td ul li'.split(' ').map(tag => tag.toUpperCase())
);
const SILENT = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'OBJECT', 'NOSCRIPT']);
const ALIGNS = new Set(['left', 'right']);

/**
 * Show an output without its payload.
 *
 * @param data all MIME types of the output.
 * @param note why it is no panel.
 */
export function showStatic(
  host: HTMLElement,
  data: Readonly<Record<string, unknown>>,
  note = ''
): void {
  const said = note ? [el('p', { class: 'zen-why-static' }, note)] : [];
  const html = joined(data['text/html']);
  if (html) {
    // An inert document: no script of it runs, and nothing is loaded.
    const read = new DOMParser().parseFromString(html, 'text/html');
    host.replaceChildren(
      ...said,
      el('div', { class: 'jp-RenderedHTMLCommon zen-static' }, ...copies(read.body))
    );
    return;
  }
  const text = joined(data['text/plain']) || 'A newer zenlab made this panel, and stored no table.';
  host.replaceChildren(...said, el('pre', { class: 'zen-static' }, text));
}

function copies(from: Node): Node[] {
  return [...from.childNodes].flatMap(node => copy(node));
}

function copy(node: Node): Node[] {
  if (node.nodeType === Node.TEXT_NODE) {
    return [document.createTextNode(visible(node.textContent ?? ''))];
  }
  if (!(node instanceof Element) || SILENT.has(node.tagName)) {
    return [];
  }
  if (!TAGS.has(node.tagName)) {
    return copies(node);
  }
  const made = document.createElement(node.tagName);
  const align = node.getAttribute('align');
  if (align !== null && ALIGNS.has(align)) {
    made.setAttribute('align', align);
  }
  made.append(...copies(node));
  return [made];
}

/** A notebook's file has lists of lines. */
function joined(text: unknown): string {
  return Array.isArray(text) ? text.join('') : typeof text === 'string' ? text : '';
}
