/** Text kept on this machine. Where storage is denied, it lasts as long as the page. */
const DATABASE = 'meshwala';
const STORE = 'texts';

export class Keep {
  /** False once storage has refused; the page says so once. */
  available = true;
  #memory = new Map<string, string>();
  #database: Promise<IDBDatabase | undefined> | undefined;
  #onRefused: () => void;

  constructor(onRefused: () => void) {
    this.#onRefused = onRefused;
  }

  async get(key: string): Promise<string | undefined> {
    if (this.#memory.has(key)) return this.#memory.get(key);
    const found: unknown = await this.#ask('readonly', (store) => store.get(key));
    return typeof found === 'string' ? found : undefined;
  }

  async set(key: string, text: string): Promise<void> {
    this.#memory.set(key, text);
    await this.#ask('readwrite', (store) => store.put(text, key));
  }

  async remove(key: string): Promise<void> {
    this.#memory.delete(key);
    await this.#ask('readwrite', (store) => store.delete(key));
  }

  async #ask(
    mode: IDBTransactionMode,
    request: (store: IDBObjectStore) => IDBRequest,
  ): Promise<unknown> {
    try {
      this.#database ??= openDatabase();
      const database = await this.#database;
      if (!database) throw new Error('no storage');
      return await settled(request(database.transaction(STORE, mode).objectStore(STORE)));
    } catch {
      this.#refused();
      return undefined;
    }
  }

  #refused(): void {
    if (!this.available) return;
    this.available = false;
    this.#onRefused();
  }
}

async function openDatabase(): Promise<IDBDatabase | undefined> {
  if (typeof indexedDB === 'undefined') return undefined;
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  return settled(opening);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('storage failed'));
  });
}
