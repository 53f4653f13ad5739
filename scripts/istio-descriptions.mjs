// Collects what Istio's CRDs say about each field, for hovers and completions in the editor.
// Source: the types of @kubernetes-models/istio (3.0.1 or later), which are made from the CRDs.
//
//   node scripts/istio-descriptions.mjs [FOLDER OF THE PACKAGE]
//
// Writes src/worker/language/descriptions.json: kind → path of the field → first paragraph. Run it
// after the package is updated; the same package gives the same file.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.dirname(path.dirname(new URL(import.meta.url).pathname));
const source = process.argv[2] ?? path.join(root, 'node_modules/@kubernetes-models/istio');
const target = path.join(root, 'src/worker/language/descriptions.json');
const GROUPS = ['networking', 'security', 'telemetry', 'extensions'];
/** The first that has a kind counts. */
const VERSIONS = ['v1', 'v1beta1', 'v1alpha3', 'v1alpha1'];

/** Traffic policies of subsets and ports are described where the rule's own is. */
const REPEATED = /^subsets\.trafficPolicy\.|trafficPolicy\.portLevelSettings\.(?!port\b)/;

const descriptions = {};
for (const [kind, file] of [...typeFiles()].sort()) descriptions[kind] = fieldsOf(kind, file);
fs.mkdirSync(path.dirname(target), { recursive: true });
fs.writeFileSync(target, `${JSON.stringify(descriptions, null, 1)}\n`);
const count = Object.values(descriptions).reduce((sum, one) => sum + Object.keys(one).length, 0);
console.log(`${Object.keys(descriptions).length} kinds, ${count} descriptions`);

/** kind → file with its types. */
function typeFiles() {
  const files = new Map();
  for (const group of GROUPS)
    for (const version of VERSIONS) {
      const folder = path.join(source, `${group}.istio.io`, version);
      for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
        const kind = /^([A-Z]\w+)\.d\.ts$/.exec(name)?.[1];
        if (kind && !files.has(kind)) files.set(kind, path.join(folder, name));
      }
    }
  return files;
}

/** "http.match.uri" → what it is for; lists and maps add no step. */
function fieldsOf(kind, file) {
  const tree = ts.createSourceFile(
    file,
    fs.readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found = {};
  const declaration = tree.statements.find(
    (one) => ts.isInterfaceDeclaration(one) && one.name.text === `I${kind}`,
  );
  const spec = declaration?.members.find((member) => member.name?.text === 'spec');
  if (!spec) return found;
  describe(spec, '', found);
  walk(spec.type, [], found);
  return found;
}

function walk(type, at, found) {
  if (!type) return;
  if (ts.isTypeLiteralNode(type)) {
    for (const member of type.members) {
      if (ts.isIndexSignatureDeclaration(member)) walk(member.type, at, found);
      else if (ts.isPropertySignature(member)) {
        const inside = [...at, member.name.text];
        describe(member, inside.join('.'), found);
        walk(member.type, inside, found);
      }
    }
  } else if (ts.isTypeReferenceNode(type)) {
    if (type.typeName.getText() === 'Array') walk(type.typeArguments?.[0], at, found);
  } else if (ts.isIntersectionTypeNode(type) || ts.isParenthesizedTypeNode(type)) {
    walk(type.types?.[0] ?? type.type, at, found);
  }
}

function describe(member, at, found) {
  const comment = member.jsDoc?.[0]?.comment;
  const text = typeof comment === 'string' ? comment : ts.getTextOfJSDocComment(comment);
  const paragraph = text
    ?.split(/\n\s*\n/)[0]
    ?.replace(/\s+/g, ' ')
    .trim();
  const plain = paragraph?.replace(/ See more details at: \S+$/, '');
  if (plain && !REPEATED.test(at) && !(at in found)) found[at] = plain;
}
