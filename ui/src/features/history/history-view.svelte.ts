/** What the page shows of the history beside its rows: belongs to the window. */
export class HistoryView {
  /** Something is looked for in the preview. */
  finding: boolean = $state(false);
  text: string = $state('');
  /** Grows when the field to find with is to have the focus. */
  wanted: number = $state(0);

  find(): void {
    this.finding = true;
    this.wanted += 1;
  }

  close(): void {
    this.finding = false;
    this.text = '';
  }
}

export const historyView = new HistoryView();
