/** How many documents a second the analyzers read and judge. */
import path from 'node:path';
import { analyzeDocuments } from '../../istio/analysis/analyze.ts';
import { readDocuments } from '../../kube/yaml/documents.ts';
import { readInputFiles } from '../input.ts';
import { cpuSeconds, type Figure } from './figure.ts';

const ROUNDS = 50;

export const analyze: Figure = {
  name: 'analyze',
  unit: 'documents/s',
  method:
    'the manifests of scenes/bookinfo, parsed and analyzed by all analyzers, 50 times over; documents ' +
    'over seconds of processor time',
  measure() {
    const root = path.dirname(path.dirname(process.argv[1]!));
    const files = readInputFiles([path.join(root, 'scenes/bookinfo')]).filter(
      (file) => path.basename(file.path) !== 'scene.yaml',
    );
    let documents = 0;
    const seconds = cpuSeconds(() => {
      for (let round = 0; round < ROUNDS; round++) {
        const read = files.flatMap((file) => readDocuments(file.text, file.path));
        analyzeDocuments(read, { defaultNamespace: 'default', asApplied: true });
        documents += read.length;
      }
    });
    return documents / seconds;
  },
};
