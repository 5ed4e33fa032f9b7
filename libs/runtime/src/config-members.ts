import { nearestOf } from '@certfolio/core';
import { z } from 'zod';
import type { ConfigDocument, MemberPath } from './config-document.ts';
import type { SettingProblem } from './settings.ts';

/** Reads parts of one configuration file and collects what is wrong with them. */
export class ConfigReader {
  readonly #document: ConfigDocument;
  readonly problems: SettingProblem[];

  constructor(document: ConfigDocument) {
    this.#document = document;
    this.problems = [...document.problems];
  }

  /** What the file says, as plain data; undefined when it is no YAML. */
  get value(): unknown {
    return this.#document.value;
  }

  placeOf(path: MemberPath): string {
    return this.#document.placeOf(path);
  }

  problem(path: MemberPath, problem: string): void {
    this.problems.push({ name: this.#document.placeOf(path), problem });
  }

  /** The members of an object; undefined when it is none. */
  membersOf(value: unknown, path: MemberPath): [name: string, value: unknown][] | undefined {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
    this.problem(path, 'must be a map of names and values');
    return undefined;
  }

  /** A problem for each member that is not among the names known here. */
  refuseUnknown(members: readonly [name: string, value: unknown][], known: readonly string[], path: MemberPath): void {
    for (const [name] of members) {
      if (known.includes(name)) continue;
      const nearest = nearestOf(name, known);
      this.problem(
        [...path, name],
        `is not known; ${nearest === null ? `there are ${known.join(', ')}` : `the nearest is "${nearest}"`}`,
      );
    }
  }

  /** An object whose members all have rules; undefined when one is wrong. Messages of the rules must not repeat values. */
  object<Shape extends z.ZodRawShape>(
    value: unknown,
    shape: Shape,
    path: MemberPath,
  ): z.output<z.ZodObject<Shape>> | undefined {
    const members = this.membersOf(value, path);
    if (members === undefined) return undefined;
    this.refuseUnknown(members, Object.keys(shape), path);
    const parsed = z.object(shape).safeParse(value);
    if (parsed.success) return parsed.data;
    for (const { path: within, message } of parsed.error.issues) {
      const steps = within.filter((step) => typeof step !== 'symbol');
      this.problem([...path, ...steps], message);
    }
    return undefined;
  }
}
