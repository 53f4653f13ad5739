/** The two unions between page and language worker: texts up, diagnostics and help down. */
import type { TextDiagnostic } from './diagnostic.ts';
import type { SceneFile } from './scene.ts';

export type LanguageCommand =
  /** All texts of the editor and of the platform; the newest wins. */
  | {
      readonly type: 'check';
      readonly version: number;
      readonly files: readonly SceneFile[];
      readonly platform: readonly SceneFile[];
    }
  | {
      readonly type: 'complete' | 'hover';
      readonly id: number;
      readonly path: string;
      readonly text: string;
      readonly line: number;
      readonly column: number;
    };

export type LanguageEvent =
  | {
      readonly type: 'checked';
      readonly version: number;
      readonly diagnostics: readonly TextDiagnostic[];
    }
  | {
      readonly type: 'completions';
      readonly id: number;
      readonly items: readonly {
        readonly label: string;
        readonly detail: string;
        readonly documentation: string;
        readonly insertText: string;
      }[];
    }
  | { readonly type: 'hover'; readonly id: number; readonly markdown: string };
