/** The part of plotly that charts use, as a module of its own: it is sent with the first chart. */

export { purge, react } from 'plotly.js-basic-dist-min';
