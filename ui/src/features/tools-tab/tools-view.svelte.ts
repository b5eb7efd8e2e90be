// What the tab of the tools shows: belongs to the window, not to the comparison.
import type { ToolRule } from '../../bindings/ToolRule';

/** A tool by its index, the list as code, or where results come from. */
export type Shown = number | 'list' | 'results';

export type ToolPart = 'definition' | 'parameters' | 'results' | 'code';

interface DeletedTool {
  comparison: string;
  /** The lane whose list it was in; `null` for the shared one. */
  lane: string | null;
  index: number;
  title: string;
  json: string;
  /** The list before and after, so that what is undone at once is undone to the byte. */
  before: string;
  after: string | null;
}

interface DeletedRule {
  comparison: string;
  index: number;
  rule: ToolRule;
}

class ToolsView {
  shown: Shown = $state(0);
  /** What is shown of a tool that has it. */
  part: ToolPart = $state('definition');
  /** Code of a tool that is no JSON yet, by place. */
  unapplied: Record<string, string> = $state({});
  /** Lanes whose own list is edited, also while it is equal to the shared one. */
  own: Record<string, boolean> = $state({});
  deleted: DeletedTool | null = $state.raw(null);
  deletedRule: DeletedRule | null = $state.raw(null);
  dialog: 'paste' | 'example' | null = $state(null);
  /** The focus is in the list of tools. */
  hasFocus: boolean = $state(false);
  /** Index of the rule that has the focus. */
  rule: number | null = $state(null);
  /** What takes the focus when it is next drawn. */
  focus: 'name' | 'row' | 'rule' | null = $state(null);
}

export const toolsView = new ToolsView();
