// What the tab of the output schema shows: belongs to the window, not to the comparison.
class OutputView {
  /** Lanes whose own schema is edited, also while it is equal to the shared one. */
  own: Record<string, boolean> = $state({});
  /** The last format with a schema of each place, so that it comes back when the mode does. */
  readonly kept = new Map<string, string>();
}

export const outputView = new OutputView();
