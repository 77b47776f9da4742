/** Payloads as Python makes them, shortened. */

import type { AnomaliesPayload, StatisticsPayload } from '../src/payloads';

export const STATISTICS: StatisticsPayload = {
  panel: 'statistics',
  version: 1,
  title: 'Pipeline A',
  datasets: ['train\t1000', 'eval\t300'],
  total: 5,
  findings: ['carrier in eval: 1 new value'],
  slices: ['origin = JFK\tdelay 0.31\t400\t100'],
  columns: [
    {
      name: 'delay',
      kind: 'number',
      scale: '-10 90',
      drift: 'eval\tJensen-Shannon\t.25\t.1',
      datasets: [
        '990\t10\t\t100\t0\t12.5\t40.1\t-30 -7 -2 49 1301\t.5 .3 .1 .1 0',
        '200\t100\t\t20\t0\t13.5\t41.1\t-33 -7 -2 50 639\t.4 .3 .2 .1 0'
      ]
    },
    {
      name: 'hour',
      kind: 'integer',
      scale: '0 23',
      datasets: [
        '1000\t0\t\t3\t0\t11.0\t6.9\t0 2 11 21 23\t.2 .2 .2 .2 .2',
        '300\t0\t\t1\t0\t11.1\t6.8\t0 2 11 21 23\t.2 .2 .2 .2 .2'
      ]
    },
    {
      name: 'time',
      kind: 'time',
      scale: '1.357e9 1.388e9',
      datasets: [
        '1000\t0\t\t\t0\t2013-07-01T22:26\t9.0e6\t2013-01-01 2013-02-06 2013-07-01 2013-11-24 2013-12-30\t.2 .2 .2 .2 .2',
        ''
      ]
    },
    {
      name: 'carrier',
      kind: 'text',
      anomalous: true,
      datasets: ['1000\t0\t16\t\t\t\t\t\t', '300\t0\t15\t\t\t\t\t\t'],
      top: ['UA\t.5\t.4', '<b>x</b>\t.1\t']
    }
  ]
};

export const ANOMALIES: AnomaliesPayload = {
  panel: 'anomalies',
  version: 1,
  title: 'Pipeline A',
  acceptable: true,
  datasets: [
    {
      name: 'eval',
      rows: 300,
      baseline: 'train',
      found: 2,
      compared: 5,
      anomalies: ['carrier\terror\t1 new value, ZZ (31 rows)', 'delay\twarning\tfar from train'],
      drift: ['delay\tJensen-Shannon\t.25\t.1\t.5 .5\t.4 .6']
    }
  ]
};
