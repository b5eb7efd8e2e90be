import type { DocumentForm } from '../../bindings/DocumentForm';

/** As it came, or what it carries. */
type Wrapping = 'envelope' | 'payload';

/** How bodies and code are looked at: belongs to the window, and stays while tabs and lanes change. */
export class InspectView {
  requestForm: DocumentForm = $state('pretty');
  responseForm: DocumentForm = $state('pretty');
  response: Wrapping = $state('envelope');
  event: Wrapping = $state('envelope');
  /** Id of the code target that was chosen last. */
  target: string = $state('curl');
  /** Names of environment variables that were typed, by the header that the key goes into. */
  environment: Record<string, string> = $state({});
  withSecrets = $state(false);
  variables: 'filledIn' | 'asArguments' = $state('filledIn');
}

export const inspectView = new InspectView();

export const wrappings: { value: Wrapping; label: string }[] = [
  { value: 'envelope', label: 'Envelope' },
  { value: 'payload', label: 'Payload' },
];

export const forms: { value: DocumentForm; label: string }[] = [
  { value: 'pretty', label: 'Pretty' },
  { value: 'exact', label: 'Exact' },
  { value: 'hex', label: 'Hex' },
];
