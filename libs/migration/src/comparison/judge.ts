import type { Comparison, FieldDifference } from './compare-answers.ts';
import { isOfPattern } from './field-pattern.ts';
import type { IgnoreRule } from './ignore-rule.ts';

/** Fields that differ once, and are to be looked at again before they count. */
export interface Suspicion {
  readonly differences: ReadonlyMap<string, FieldDifference>;
  /** Fields that an operator's rule ignores. */
  readonly ignored: ReadonlySet<string>;
}

export interface CountedDifference extends FieldDifference {
  /** Id of a rule that would have ignored it, had it not expired. */
  readonly expiredRule: string | null;
}

/** What a call's comparison says in the end. */
export interface Verdict {
  readonly fields: ReadonlySet<string>;
  readonly different: readonly CountedDifference[];
  /** Differed at first, and no longer when both sides were read anew. */
  readonly passed: readonly string[];
  /** Differ between two answers of CertCentral itself. */
  readonly noise: readonly string[];
  readonly ignored: readonly string[];
}

const isOf = (rule: IgnoreRule, route: string, field: string) =>
  (rule.route === null || rule.route === route) && isOfPattern(rule.field, field);

/** What of a comparison is not ignored. Empty: the answers are equal. */
export function suspect({ differences }: Comparison, { route, rules, nowMs }: JudgeFacts): Suspicion {
  const ignored = new Set<string>();
  const left = new Map<string, FieldDifference>();
  for (const [field, difference] of differences) {
    if (rules.some((rule) => rule.expiresAt.getTime() > nowMs && isOf(rule, route, field))) ignored.add(field);
    else left.set(field, difference);
  }
  return { differences: left, ignored };
}

export interface JudgeFacts {
  readonly route: string;
  readonly rules: readonly IgnoreRule[];
  readonly nowMs: number;
}

/**
 * Counts what differed at first, differs again when both sides are read anew, and does not differ between two answers of
 * CertCentral. The sample shows the second pair, which is the one that was read live.
 *
 * @param noise CertCentral's first answer against its second
 * @param again what is suspicious of the two second answers
 */
export function judge(
  first: Comparison,
  suspicion: Suspicion,
  again: { readonly noise: Comparison; readonly suspicion: Suspicion } | null,
  { route, rules, nowMs }: JudgeFacts,
): Verdict {
  const different: CountedDifference[] = [];
  const passed: string[] = [];
  const noise: string[] = [];
  for (const field of suspicion.differences.keys()) {
    const second = again?.suspicion.differences.get(field);
    if (again?.noise.differences.has(field)) noise.push(field);
    else if (second === undefined) passed.push(field);
    else {
      const expired = rules.find((rule) => rule.expiresAt.getTime() <= nowMs && isOf(rule, route, field));
      different.push({ ...second, expiredRule: expired?.id ?? null });
    }
  }
  return { fields: first.fields, different, passed, noise, ignored: [...suspicion.ignored] };
}
