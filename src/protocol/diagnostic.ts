/** What is wrong with a text a person typed, and where. Lines and columns from 1, end exclusive. */
export interface TextDiagnostic {
  readonly path: string;
  readonly severity: 'error' | 'warning' | 'info';
  /** "IST0101", "schema", "admission", "parse". */
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly fix?: { readonly title: string; readonly edits: readonly TextEdit[] };
}

export interface TextEdit {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
}
