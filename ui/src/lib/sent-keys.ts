import type { KeyOrigin } from '../bindings/KeyOrigin';
import type { Lane } from '../bindings/Lane';
import type { RequestView } from '../bindings/RequestView';

/** Every key of a body with where it came from: the model and the messages, which are no parameters, and the rest. */
export function sentKeys(request: RequestView, lane: Lane): { name: string; origin: KeyOrigin }[] {
  const own: { name: string; origin: KeyOrigin }[] = [
    { name: 'model', origin: 'lane' },
    { name: 'messages', origin: lane.forkedMessages ? 'lane' : 'draft' },
  ];
  return [...own.filter(({ name }) => !request.keys.some((key) => key.name === name)), ...request.keys];
}
