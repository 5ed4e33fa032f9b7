import type { ComparableAnswer } from './comparable-body.ts';
import { compareAnswers } from './compare-answers.ts';
import type { IgnoreRule } from './ignore-rule.ts';
import { judge, suspect, type Verdict } from './judge.ts';

export type Asked =
  | { readonly kind: 'answer'; readonly answer: ComparableAnswer; readonly durationMs: number }
  /** No answer of this side says anything of the other: a call that only the other can answer, a time-out, no quota left. */
  | { readonly kind: 'none'; readonly why: Undecided };

/** Why a call was not compared to its end. */
export type Undecided = 'cannot' | 'quota' | 'failed';

/** The two sides, asked in the background and for reads only. */
export interface Sides {
  legacy(): Promise<Asked>;
  /** @param isLive no data of the mirror, however young */
  graph(isLive: boolean): Promise<Asked>;
}

export interface FirstAnswer {
  /** The side that answered the caller. */
  readonly by: 'legacy' | 'graph';
  readonly answer: ComparableAnswer;
}

export type CallOutcome =
  { readonly kind: 'undecided'; readonly why: Undecided } | { readonly kind: 'verdict'; readonly verdict: Verdict };

const isUsable = ({ status }: ComparableAnswer) => status < 500 && status !== 429;

/**
 * Holds the answer that a caller got against the other side's. Where they differ, both are read anew before it counts:
 * CertCentral, for what differs between two of its own answers is noise, and the graph live, for an old mirror is no wrong
 * answer. When one of them cannot be had, nothing is counted.
 */
export async function compareCall(
  first: FirstAnswer,
  sides: Sides,
  facts: { readonly route: string; readonly rules: readonly IgnoreRule[]; readonly nowMs: () => number },
): Promise<CallOutcome> {
  const undecided = (why: Undecided): CallOutcome => ({ kind: 'undecided', why });
  const other = first.by === 'legacy' ? await sides.graph(false) : await sides.legacy();
  if (other.kind === 'none') return undecided(other.why);
  const [legacy, graph] = first.by === 'legacy' ? [first.answer, other.answer] : [other.answer, first.answer];
  if (!isUsable(legacy) || !isUsable(graph)) return undecided('failed');

  const judging = { route: facts.route, rules: facts.rules, nowMs: facts.nowMs() };
  const compared = compareAnswers(legacy, graph);
  const suspicion = suspect(compared, judging);
  if (suspicion.differences.size === 0) return { kind: 'verdict', verdict: judge(compared, suspicion, null, judging) };

  const legacyAgain = await sides.legacy();
  if (legacyAgain.kind === 'none') return undecided(legacyAgain.why);
  if (!isUsable(legacyAgain.answer)) return undecided('failed');
  const graphAgain = await sides.graph(true);
  if (graphAgain.kind === 'none') return undecided(graphAgain.why);
  if (!isUsable(graphAgain.answer)) return undecided('failed');
  const again = {
    noise: compareAnswers(legacy, legacyAgain.answer),
    suspicion: suspect(compareAnswers(legacyAgain.answer, graphAgain.answer), judging),
  };
  return { kind: 'verdict', verdict: judge(compared, suspicion, again, judging) };
}
