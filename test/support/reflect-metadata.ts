/** The part of reflect-metadata without which @peculiar/x509 does not load; import it before. */
const metadata = new WeakMap<object, Map<unknown, unknown>>();

const getMetadata = (key: unknown, target: object) => metadata.get(target)?.get(key);

const defineMetadata = (key: unknown, value: unknown, target: object) => {
  const known = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, known.set(key, value));
};

Object.assign(Reflect, {
  getMetadata,
  defineMetadata,
  getOwnMetadata: getMetadata,
  hasOwnMetadata: (key: unknown, target: object) => metadata.get(target)?.has(key) ?? false,
  metadata: (key: unknown, value: unknown) => (target: object) =>
    defineMetadata(key, value, target),
});
