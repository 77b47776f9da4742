// Builds the panels as an anywidget, from the modules that JupyterLab's extension has as well:
// widget.js and widget.css come with each panel, plotly.js with the first chart.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, '..', 'zenlab', 'widget');
const common = {
    absWorkingDir: here,
    bundle: true,
    charset: 'utf8',
    format: 'esm',
    legalComments: 'none',
    logLevel: 'warning',
    minify: true,
    target: 'es2022'
};

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });
await build({
    ...common,
    entryPoints: ['src/widget/index.ts'],
    external: ['plotly.js-basic-dist-min'], // never imported: src/plotly-source.ts is told where it is
    outfile: join(output, 'widget.js')
});
const plotly = await readFile(
    createRequire(import.meta.url).resolve('plotly.js-basic-dist-min'),
    'utf8'
);
await build({
    ...common,
    banner: { js: plotly.slice(0, plotly.indexOf('*/') + 2) }, // its licence
    entryPoints: ['src/widget/plotly.ts'],
    outfile: join(output, 'plotly.js')
});
// The list of style sheets is that of the extension; the script that it is in comes to nothing.
const styles = await build({
    ...common,
    stdin: {
        contents: "import './index.js'; import './widget.css';",
        resolveDir: join(here, 'style')
    },
    outfile: join(output, 'widget.js'),
    write: false
});
for (const { path, contents } of styles.outputFiles) {
    if (path.endsWith('.css')) {
        await writeFile(path, contents);
    }
}
