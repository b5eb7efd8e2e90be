// Bodies that are looked at before they are sent: one that somebody asked for, or those of lanes that pause.
import type { AppError } from '../../bindings/AppError';
import type { RequestView } from '../../bindings/RequestView';
import type { App } from '../../state/app.svelte';

/** A body that is open in the dialog. */
export interface OpenBody {
  lane: string;
  /** Run stopped here. */
  paused: boolean;
  request: RequestView | null;
  /** Why the form makes no request. */
  refusal: AppError | null;
  /** The bytes as text. */
  text: string;
}

class BodyDialog {
  current: OpenBody | null = $state(null);

  /** Opens the exact body that the lane would send now. */
  async open(app: App, lane: string, paused = false): Promise<void> {
    const preview = await app.host.preview(app.comparison.snapshot(), lane);
    const request = preview.kind === 'ready' ? preview.request : null;
    const refusal = preview.kind === 'refused' ? preview.error : null;
    this.current = { lane, paused, request, refusal, text: request?.body ?? '' };
  }

  /** Opens the next lane that waits, if one does. */
  async next(app: App): Promise<void> {
    this.current = null;
    const lane = app.runs.paused[0];
    if (lane !== undefined) await this.open(app, lane, true);
  }
}

export const bodyDialog = new BodyDialog();
