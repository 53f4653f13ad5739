/** The language worker: checks the editor's texts, completes and explains. */
import type { YamlDocument } from '../kube/yaml/documents.ts';
import type { LanguageCommand, LanguageEvent } from '../protocol/language.ts';
import { checkTexts } from './language/check.ts';
import { completionsAt } from './language/complete.ts';
import type { Descriptions } from './language/descriptions.ts';
import { hoverAt } from './language/hover.ts';
import { knownNames } from './language/known-names.ts';

let documents: readonly YamlDocument[] = [];
let descriptions: Promise<Descriptions> | undefined;

self.onmessage = async ({ data: command }: MessageEvent<LanguageCommand>) => {
  switch (command.type) {
    case 'check': {
      const checked = checkTexts(command.files, command.platform);
      documents = checked.documents;
      const { version } = command;
      answer({ type: 'checked', version, diagnostics: checked.diagnostics });
      break;
    }
    case 'complete': {
      const { id, text, line, column } = command;
      const names = knownNames(documents);
      const items = completionsAt(text, line, column, names, await loadDescriptions());
      answer({ type: 'completions', id, items });
      break;
    }
    case 'hover': {
      const { id, text, line, column } = command;
      const markdown = hoverAt(text, line, column, await loadDescriptions());
      answer({ type: 'hover', id, markdown });
      break;
    }
    default:
      command satisfies never;
  }
};

function answer(event: LanguageEvent): void {
  self.postMessage(event);
}

function loadDescriptions(): Promise<Descriptions> {
  descriptions ??= import('./language/descriptions.json').then((file) => file.default);
  return descriptions;
}
