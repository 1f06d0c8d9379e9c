import { z } from 'zod';
import { Chart, Move } from '../../domain/chart.ts';
import { Id } from '../../domain/ids.ts';
import { Milliseconds } from '../../domain/fields.ts';
import { endpoint } from './endpoint.ts';

const ChartView = Chart.meta({ id: 'Chart', description: 'A statechart as plain data.' });

const standing = {
  machine: z.string().describe('The id of its chart, as in /api/machines.'),
  value: z.string().describe('The state: its path in the chart.'),
  tags: z.array(z.string()),
  next: z
    .array(
      z.object({
        event: z.string(),
        to: z.string().nullable().describe('The state it leads to; null where the state stays as it is.'),
      }),
    )
    .describe('What clients can bring about now.'),
};

export const listMachines = endpoint({
  method: 'get',
  path: '/api/machines',
  summary: 'The statecharts that govern sessions and queues',
  answers: { 200: z.array(ChartView) },
});

export const getMachine = endpoint({
  method: 'get',
  path: '/api/machines/{id}',
  summary: 'One statechart, and the literal that it was made from',
  answers: {
    200: Chart.extend({
      config: z
        .record(z.string(), z.unknown())
        .describe("What was given to XState's createMachine, without functions: Stately's tools take it."),
    }).meta({ id: 'Machine' }),
  },
  refuses: ['NOT_FOUND'],
});

export const getSessionState = endpoint({
  method: 'get',
  path: '/api/sessions/{id}/state',
  summary: 'Where the machines of a session stand, and what may come next',
  answers: {
    200: z
      .object({
        id: Id,
        ...standing,
        since: Milliseconds.describe('When it came into its state.'),
        history: z.array(Move).describe('The way it took, oldest first.'),
        queue: z.object(standing).nullable().describe('The same of its queue; null when it has none.'),
      })
      .meta({ id: 'SessionState' }),
  },
  refuses: ['SESSION_NOT_FOUND'],
});
