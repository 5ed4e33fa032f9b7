import { ChangeForm } from './change-form.tsx';
import type { RouteAnswer } from './migration-answer.ts';
import { noticedOfRollBack } from './route-words.ts';

const rollBackText = `mutation RollBackRoute($route: String!, $reason: String!) {
  rollBackRoute(route: $route, reason: $reason) { route }
}`;

export const RollBackForm = ({ route, close }: { readonly route: RouteAnswer; readonly close: () => void }) => (
  <ChangeForm
    text={rollBackText}
    variables={{ route: route.route }}
    noticed={noticedOfRollBack}
    submitLabel="Roll back"
    close={close}
  />
);
