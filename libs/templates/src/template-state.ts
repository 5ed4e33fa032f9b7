import { templateStates, type TemplateState } from './template.ts';

/** Whether a state comes after another: draft, approved, deprecated, retired. */
export function isLater(state: TemplateState, than: TemplateState): boolean {
  return templateStates.indexOf(state) > templateStates.indexOf(than);
}

export function laterState(a: TemplateState, b: TemplateState): TemplateState {
  return isLater(a, b) ? a : b;
}

/** Whether a version in this state can be moved on to the other; a draft is retired without having been approved. */
export function mayBecome(from: TemplateState, to: TemplateState): boolean {
  if (to === 'deprecated') return from === 'approved' || from === 'deprecated';
  return isLater(to, from);
}
