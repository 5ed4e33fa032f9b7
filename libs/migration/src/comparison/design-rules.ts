import { isOfPattern } from './field-pattern.ts';

/** A difference that says nothing of the graph, with the reason why not. */
export interface DesignRule {
  readonly name: string;
  readonly reason: string;
  /** Absent where reading an answer already does it: no difference is ever found. */
  readonly excuses?: (field: string, legacy: unknown, graph: unknown, times: AnswerTimes) => boolean;
}

/** When the two answers were made. */
export interface AnswerTimes {
  readonly legacyMs: number;
  readonly graphMs: number;
}

/** Zones in which CertCentral was seen to begin days. */
const dayZones = ['UTC', 'America/Denver'];

const dayFields = ['**days_remaining', '**days_left'];

const dayIn = (zone: string, ms: number) => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(ms);

/** Everything that is equal by rule. What is not here, and in no rule of the operator, counts. */
export const designRules: readonly DesignRule[] = [
  { name: 'member-order', reason: 'The order of the members of a JSON object means nothing.' },
  { name: 'number-spelling', reason: 'JSON reads 1, 1.0 and 1e0 as the same number.' },
  { name: 'header-spelling', reason: 'Case and blanks around the parameters of a media type mean nothing.' },
  { name: 'content-coding', reason: 'Answers are compared once they are decompressed.' },
  {
    name: 'days-across-midnight',
    reason: 'Days that remain count down at midnight, which may lie between the two answers.',
    excuses(field, legacy, graph, { legacyMs, graphMs }) {
      if (!dayFields.some((pattern) => isOfPattern(pattern, field))) return false;
      if (Math.abs(Number(legacy) - Number(graph)) !== 1) return false;
      return dayZones.some((zone) => dayIn(zone, legacyMs) !== dayIn(zone, graphMs));
    },
  },
];

/** Whether a difference is none, by one of the rules. */
export const isByDesign = (field: string, legacy: unknown, graph: unknown, times: AnswerTimes): boolean =>
  designRules.some(({ excuses }) => excuses?.(field, legacy, graph, times));
