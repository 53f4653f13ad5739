/** Monaco with what YAML needs and no more; everything it shows comes from outside. */
import * as monaco from 'monaco-editor/editor';
import 'monaco-editor/features/bracketMatching/register';
import 'monaco-editor/features/clipboard/register';
import 'monaco-editor/features/codeAction/register';
import 'monaco-editor/features/codicon/register';
import 'monaco-editor/features/comment/register';
import 'monaco-editor/features/find/register';
import 'monaco-editor/features/folding/register';
import 'monaco-editor/features/gotoError/register';
import 'monaco-editor/features/hover/register';
import 'monaco-editor/features/indentation/register';
import 'monaco-editor/features/linesOperations/register';
import 'monaco-editor/features/multicursor/register';
import 'monaco-editor/features/suggest/register';
import 'monaco-editor/features/wordOperations/register';
// 0.57's register of suggest leaves its controller out: without this there is no completion.
import 'monaco-editor/editor/contrib/suggest/browser/suggestController';
import 'monaco-editor/languages/definitions/yaml/register';
import type { TextDiagnostic } from '../../protocol/diagnostic.ts';
import type { YamlPlace } from '../../protocol/journey.ts';
import type { Completion, TextPlace } from '../state/language-link.ts';

interface Wishes {
  readonly createWorker: (() => Worker) | undefined;
  readonly label: string;
  onType(path: string, text: string): void;
  /** Escape: the keyboard wants to go on to what comes after the editor. */
  onLeave(): void;
  complete(place: TextPlace): Promise<readonly Completion[]>;
  hover(place: TextPlace): Promise<string>;
}

const SEVERITIES = {
  error: monaco.MarkerSeverity.Error,
  warning: monaco.MarkerSeverity.Warning,
  info: monaco.MarkerSeverity.Info,
} as const;

let count = 0;

export class YamlEditor {
  #editor: monaco.editor.IStandaloneCodeEditor;
  #models = new Map<string, monaco.editor.ITextModel>();
  #views = new Map<string, monaco.editor.ICodeEditorViewState | null>();
  #lit: monaco.editor.IEditorDecorationsCollection;
  #diagnostics: readonly TextDiagnostic[] = [];
  #stops: monaco.IDisposable[] = [];
  #wishes: Wishes;
  /** Models are global in Monaco: each editor keeps to its own addresses. */
  #authority = `editor-${++count}`;
  #showing = '';
  #filling = false;

  constructor(host: HTMLElement, wishes: Wishes) {
    this.#wishes = wishes;
    const { createWorker } = wishes;
    if (createWorker) self.MonacoEnvironment ??= { getWorker: createWorker };
    this.#editor = monaco.editor.create(host, {
      automaticLayout: true,
      ariaLabel: wishes.label,
      fontFamily: "'JetBrains Mono', ui-monospace, monospace",
      fontSize: 13,
      lineHeight: 20,
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      tabSize: 2,
      insertSpaces: true,
      detectIndentation: false,
      wordWrap: 'on',
      wrappingIndent: 'indent',
      folding: true,
      lineNumbersMinChars: 3,
      glyphMargin: false,
      bracketPairColorization: { enabled: false },
      guides: { indentation: false },
      renderLineHighlight: 'none',
      overviewRulerLanes: 2,
      fixedOverflowWidgets: true,
      quickSuggestions: { other: true, strings: true, comments: false },
      model: null,
    });
    const idle = '!suggestWidgetVisible && !findWidgetVisible && !codeActionMenuVisible';
    this.#editor.addCommand(monaco.KeyCode.Escape, () => wishes.onLeave(), idle);
    this.#lit = this.#editor.createDecorationsCollection();
    this.#stops.push(this.#completion(), this.#hovers(), this.#fixes());
  }

  show(path: string, text: string): void {
    const model = this.#model(path, text);
    if (model.getValue() !== text) {
      this.#filling = true;
      model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null);
      this.#filling = false;
    }
    if (this.#showing === path) return;
    if (this.#showing) this.#views.set(this.#showing, this.#editor.saveViewState());
    this.#showing = path;
    this.#editor.setModel(model);
    const view = this.#views.get(path);
    if (view) this.#editor.restoreViewState(view);
  }

  keepOnly(paths: readonly string[]): void {
    for (const [path, model] of this.#models) {
      if (paths.includes(path)) continue;
      model.dispose();
      this.#models.delete(path);
      this.#views.delete(path);
    }
  }

  mark(diagnostics: readonly TextDiagnostic[]): void {
    this.#diagnostics = diagnostics;
    for (const [path, model] of this.#models) this.#markModel(path, model);
  }

  /** Lights the lines that decided a journey. */
  light(path: string, places: readonly YamlPlace[]): void {
    const here = places.filter((place) => place.path === path);
    this.#lit.set(
      here.map(({ line, endLine }) => ({
        range: new monaco.Range(line, 1, endLine, 1),
        options: { isWholeLine: true, className: 'lit', linesDecorationsClassName: 'lit-edge' },
      })),
    );
  }

  reveal({ line, endLine }: { readonly line: number; readonly endLine: number }): void {
    this.#editor.revealLinesInCenterIfOutsideViewport(line, endLine);
    this.#editor.setPosition({ lineNumber: line, column: 1 });
  }

  /** Takes the page's tokens as Monaco's theme. */
  dress(element: Element): void {
    const style = getComputedStyle(element);
    const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const bare = (name: string) => token(name).replace('#', '');
    const dark = style.colorScheme === 'dark';
    const name = dark ? 'meshwala-dark' : 'meshwala-light';
    monaco.editor.defineTheme(name, {
      base: dark ? 'vs-dark' : 'vs',
      inherit: true,
      rules: [
        { token: '', foreground: bare('ink') },
        { token: 'type', foreground: bare('maroon') },
        { token: 'string', foreground: bare('sea') },
        { token: 'string.yaml', foreground: bare('sea') },
        { token: 'number', foreground: bare('sea') },
        { token: 'number.yaml', foreground: bare('sea') },
        { token: 'keyword', foreground: bare('sea') },
        { token: 'comment', foreground: bare('ink-2'), fontStyle: 'italic' },
      ],
      colors: {
        'editor.background': token('paper'),
        'editor.foreground': token('ink'),
        'editorLineNumber.foreground': token('ink-3'),
        'editorLineNumber.activeForeground': token('ink'),
        'editorBracketHighlight.foreground1': token('ink-2'),
        'editorBracketHighlight.foreground2': token('ink-2'),
        'editorBracketHighlight.foreground3': token('ink-2'),
        'editorCursor.foreground': token('ink'),
        'editorIndentGuide.background1': token('line'),
        'editorWidget.background': token('paper-2'),
        'editorWidget.border': token('ink-3'),
        'editorSuggestWidget.selectedBackground': token('lit'),
        'editorSuggestWidget.selectedForeground': token('ink'),
        'editorHoverWidget.background': token('paper-2'),
      },
    });
    monaco.editor.setTheme(name);
  }

  close(): void {
    for (const stop of this.#stops) stop.dispose();
    this.#editor.dispose();
    for (const model of this.#models.values()) model.dispose();
  }

  #model(path: string, text: string): monaco.editor.ITextModel {
    const known = this.#models.get(path);
    if (known) return known;
    const uri = monaco.Uri.from({ scheme: 'scene', authority: this.#authority, path: `/${path}` });
    const model = monaco.editor.createModel(text, 'yaml', uri);
    model.onDidChangeContent(() => {
      if (!this.#filling) this.#wishes.onType(path, model.getValue());
    });
    this.#models.set(path, model);
    this.#markModel(path, model);
    return model;
  }

  #markModel(path: string, model: monaco.editor.ITextModel): void {
    const markers = this.#diagnostics
      .filter((diagnostic) => diagnostic.path === path)
      .map(({ severity, code, message, line, column, endLine, endColumn }) => ({
        severity: SEVERITIES[severity],
        code,
        message,
        startLineNumber: line,
        startColumn: column,
        endLineNumber: endLine,
        endColumn,
      }));
    monaco.editor.setModelMarkers(model, 'istio', markers);
  }

  #pathOf(model: monaco.editor.ITextModel): string | undefined {
    for (const [path, own] of this.#models) if (own === model) return path;
    return undefined;
  }

  #place(model: monaco.editor.ITextModel, at: monaco.Position): TextPlace | undefined {
    const path = this.#pathOf(model);
    if (path === undefined) return undefined;
    return { path, text: model.getValue(), line: at.lineNumber, column: at.column };
  }

  #completion(): monaco.IDisposable {
    return monaco.languages.registerCompletionItemProvider('yaml', {
      triggerCharacters: [' ', '-', ':'],
      provideCompletionItems: async (model, position) => {
        const place = this.#place(model, position);
        if (!place) return { suggestions: [] };
        const items = await this.#wishes.complete(place);
        const word = model.getWordUntilPosition(position);
        const { lineNumber } = position;
        const range = new monaco.Range(lineNumber, word.startColumn, lineNumber, word.endColumn);
        return {
          suggestions: items.map(({ label, detail, documentation, insertText }) => ({
            label,
            detail,
            documentation: { value: documentation },
            insertText,
            kind: monaco.languages.CompletionItemKind.Property,
            range,
          })),
        };
      },
    });
  }

  #hovers(): monaco.IDisposable {
    return monaco.languages.registerHoverProvider('yaml', {
      provideHover: async (model, position) => {
        const place = this.#place(model, position);
        const markdown = place ? await this.#wishes.hover(place) : '';
        return markdown ? { contents: [{ value: markdown }] } : null;
      },
    });
  }

  #fixes(): monaco.IDisposable {
    return monaco.languages.registerCodeActionProvider('yaml', {
      provideCodeActions: (model, range) => {
        const path = this.#pathOf(model);
        const actions = this.#diagnostics
          .filter((one) => one.fix && one.path === path)
          .filter(({ line }) => line >= range.startLineNumber && line <= range.endLineNumber)
          .map((one) => quickFix(model, one));
        return { actions, dispose: () => undefined };
      },
    });
  }
}

function quickFix(
  model: monaco.editor.ITextModel,
  { fix }: TextDiagnostic,
): monaco.languages.CodeAction {
  const edits = (fix?.edits ?? []).map(({ line, column, endLine, endColumn, text }) => ({
    resource: model.uri,
    versionId: model.getVersionId(),
    textEdit: { range: new monaco.Range(line, column, endLine, endColumn), text },
  }));
  return { title: fix?.title ?? '', kind: 'quickfix', isPreferred: true, edit: { edits } };
}
