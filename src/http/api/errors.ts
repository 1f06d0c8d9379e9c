// What is refused, as it stands in the documents: which codes any request may get beside its endpoint's own.
import { z } from 'zod';
import type { ErrorCode } from '../../domain/errors.ts';
import { statusOfCode } from '../errors.ts';
import type { Endpoint } from './endpoint.ts';

const ErrorView = z
  .object({
    error: z.literal(true),
    code: z.string(),
    message: z.string().describe('A sentence for a person.'),
    statusCode: z.number().int(),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        'For bad input: each field and what was wrong with it. For a refused move: the present state and what is possible.',
      ),
    errors: z.array(z.string()).optional().describe('For bad input: the details as sentences.'),
  })
  .meta({ id: 'Error' });

const ofAny: readonly ErrorCode[] = [
  'VALIDATION_ERROR', // a body that is no JSON object
  'UNAUTHORIZED',
  'FORBIDDEN',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'INTERNAL_ERROR',
  'STORAGE_UNAVAILABLE', // also while it starts or stops
];
const ofChanges: readonly ErrorCode[] = ['OVERLOADED'];
const ofKeys: readonly ErrorCode[] = ['CONFLICT']; // an Idempotency-Key that was used for another body
const ofIds: readonly ErrorCode[] = ['NOT_FOUND']; // a part of the path that can be no id

/** Every code that an endpoint may answer with, by status. */
export function refusalsOf({ method, path, refuses = [] }: Endpoint): Map<number, ErrorCode[]> {
  const codes = new Set([
    ...refuses,
    ...ofAny,
    ...(method === 'get' ? [] : ofChanges),
    ...(method === 'post' ? ofKeys : []),
    ...(path.includes('{') ? ofIds : []),
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = statusOfCode(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

/** The body of a refusal with one of these codes. */
export const refusalView = (codes: readonly ErrorCode[]): z.ZodType =>
  z.intersection(ErrorView, z.looseObject({ code: z.enum(codes) }));
