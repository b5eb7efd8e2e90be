// The JSON editor itself. It is loaded when it is first shown: nothing that the page needs at its start imports this.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { history, historyKeymap, standardKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { HighlightStyle, bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { nextDiagnostic, previousDiagnostic, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Annotation, EditorState, type Extension } from '@codemirror/state';
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightSpecialChars,
  hoverTooltip,
  keymap,
  lineNumbers,
  type KeyBinding,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { BodyProblem } from '../bindings/BodyProblem';
import type { ParameterTable } from '../bindings/ParameterTable';
import { aboutKey, completeBody } from './hints';

export interface JsonEditorOptions {
  parent: HTMLElement;
  /** Accessible name. */
  label: string;
  /** Id of what is said about the editor. */
  describedby: string;
  text: string;
  /** What its keys and values may be. */
  table: () => ParameterTable | null;
  onchange: (text: string) => void;
}

/** A text that comes from outside is no edit of the person. */
const fromOutside = Annotation.define<boolean>();

const problemKeys: KeyBinding[] = [
  { key: 'F8', run: nextDiagnostic, preventDefault: true },
  { key: 'Shift-F8', run: previousDiagnostic, preventDefault: true },
];

const searchKeys = searchKeymap.filter(({ key }) => ['Mod-f', 'F3', 'Mod-g', 'Escape'].includes(key ?? ''));

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--syn-key)' },
  { tag: tags.string, color: 'var(--syn-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--syn-literal)' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--syn-punct)' },
]);

const mark = (colour: string) => `underline wavy var(${colour}) 1px`;

const looks = EditorView.theme({
  '&': { height: '100%', color: 'var(--fg-default)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { font: 'var(--type-mono)', fontVariantLigatures: 'none', scrollbarWidth: 'thin' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--fg-default)' },
  '.cm-line': { padding: '0 12px 0 8px' },
  '.cm-cursor': { borderLeftColor: 'var(--fg-default)' },
  '.cm-gutters': { color: 'var(--fg-subtle)', backgroundColor: 'transparent', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 12px', minWidth: '32px' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--bg-hover)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--accent-soft)',
  },
  '.cm-selectionMatch, .cm-searchMatch': { backgroundColor: 'var(--warn-soft)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--accent-soft)', outline: '1px solid var(--accent-text)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'transparent', outline: '1px solid var(--line-control)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--bad-soft)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: mark('--bad-text') },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: mark('--warn-text') },
  '.cm-lintRange-active': { backgroundColor: 'var(--bg-press)' },
  '.cm-tooltip': {
    padding: '0',
    maxWidth: '400px',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--r-m)',
    color: 'var(--fg-default)',
    backgroundColor: 'var(--bg-raised)',
    boxShadow: 'var(--shadow-pop)',
    font: 'var(--type-small)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { font: 'var(--type-mono)', maxHeight: '196px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 8px', lineHeight: '16px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    color: 'var(--fg-default)',
    background: 'var(--bg-selected)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent-text)' },
  '.cm-completionDetail': { color: 'var(--fg-subtle)', font: 'var(--type-small)', fontStyle: 'normal' },
  '.cm-tooltip.cm-completionInfo, .cm-about': { padding: '8px 12px', maxWidth: '320px', whiteSpace: 'pre-line' },
  '.cm-diagnostic': { padding: '4px 8px', borderLeft: '2px solid var(--warn-text)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad-text)' },
  '.cm-panels': {
    color: 'var(--fg-default)',
    backgroundColor: 'var(--bg-canvas)',
    borderColor: 'var(--line-hair)',
    font: 'var(--type-small)',
  },
  '.cm-panel.cm-search': { padding: '4px 32px 4px 8px' },
  '.cm-panel.cm-search input.cm-textfield': {
    height: '24px',
    padding: '0 8px',
    border: '1px solid var(--line-control)',
    borderRadius: 'var(--r-m)',
    color: 'inherit',
    backgroundColor: 'var(--bg-surface)',
    font: 'var(--type-mono)',
  },
  '.cm-panel.cm-search button': {
    height: '24px',
    padding: '0 8px',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--r-m)',
    color: 'inherit',
    background: 'var(--bg-surface)',
    font: 'inherit',
    textTransform: 'none',
  },
  '.cm-panel.cm-search [name=close]': { width: '24px', border: 'none', background: 'none' },
});

export class JsonEditor {
  readonly #view: EditorView;
  #isMarked = false;

  constructor(options: JsonEditorOptions) {
    this.#view = new EditorView({ parent: options.parent, state: this.#state(options) });
  }

  #state(options: JsonEditorOptions): EditorState {
    const told = EditorView.updateListener.of((update) => {
      if (!update.docChanged || update.transactions.some((step) => step.annotation(fromOutside))) return;
      options.onchange(this.text);
    });
    const extensions: Extension[] = [
      // Only this ends a line, so that a carriage return of a body stays where it is.
      EditorState.lineSeparator.of('\n'),
      EditorState.tabSize.of(2),
      EditorView.contentAttributes.of({
        'aria-label': options.label,
        'aria-describedby': options.describedby,
        spellcheck: 'false',
        autocorrect: 'off',
        autocapitalize: 'off',
        tabindex: '0',
      }),
      lineNumbers(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      EditorView.lineWrapping,
      highlightActiveLine(),
      json(),
      syntaxHighlighting(colours),
      bracketMatching(),
      closeBrackets(),
      highlightSelectionMatches(),
      search({ top: true }),
      autocompletion({ override: [(context) => completeBody(context, options.table())], icons: false }),
      hoverTooltip((view, at) => aboutKey(view.state, at, options.table()), { hoverTime: 400 }),
      // Tab has no key here: it leaves the editor, as it leaves every other field.
      keymap.of([
        ...problemKeys,
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...searchKeys,
        ...historyKeymap,
        ...standardKeymap,
      ]),
      looks,
      told,
    ];
    return EditorState.create({ doc: options.text, extensions });
  }

  get text(): string {
    return this.#view.state.sliceDoc();
  }

  /** Changes the text without saying so; the place of the caret stays as far as it can. */
  setText(text: string): void {
    if (text === this.text) return;
    const { length } = this.#view.state.doc;
    const anchor = Math.min(this.#view.state.selection.main.anchor, this.#view.state.toText(text).length);
    this.#view.dispatch({
      changes: { from: 0, to: length, insert: this.#view.state.toText(text) },
      selection: { anchor },
      annotations: fromOutside.of(true),
    });
  }

  setProblems(problems: readonly BodyProblem[]): void {
    if (problems.length === 0 && !this.#isMarked) return;
    this.#isMarked = problems.length > 0;
    const { length } = this.#view.state.doc;
    const diagnostics = problems.map(({ start, end, severity, message }): Diagnostic => {
      const from = Math.min(start, length);
      return { from, to: Math.max(from, Math.min(end, length)), severity, message };
    });
    this.#view.dispatch(setDiagnostics(this.#view.state, diagnostics));
  }

  /** Puts the caret at an offset of the text and the focus into the editor. */
  goTo(offset: number): void {
    const anchor = Math.min(offset, this.#view.state.doc.length);
    this.#view.dispatch({ selection: { anchor }, scrollIntoView: true });
    this.#view.focus();
  }

  focus(): void {
    this.#view.focus();
  }

  destroy(): void {
    this.#view.destroy();
  }
}
