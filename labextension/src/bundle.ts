/** What a notebook stores of a panel. */

import type { Payload } from './payloads';

export const MIME_TYPE = 'application/vnd.zenlab.v1+json';

/** What a notebook stores of an output, by MIME type. */
export type Bundle = Readonly<Record<string, unknown>>;

/** What the kernel has answered, as it is stored. */
export function bundleOf(answer: {
  readonly payload: Payload;
  readonly html: string;
  readonly text: string;
}): Bundle {
  return { [MIME_TYPE]: answer.payload, 'text/html': answer.html, 'text/plain': answer.text };
}
