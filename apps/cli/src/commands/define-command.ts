import type { Command } from 'commander';
import type { Session } from '../session.ts';

/** A command's work; it is loaded when it is called, so that help and `hash` do not wait for the rest. */
export type Work = (session: Session) => Promise<number>;

/** Reads the options that every command takes and does the work. */
export type Begin = (command: Command, work: Work) => Promise<void>;

/** Collects an option that may be given again. */
export const collect = (value: string, before: readonly string[] = []) => [...before, value];

/** Examples below a command's help. */
export const example = (...lines: readonly string[]) => `\nExample:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
