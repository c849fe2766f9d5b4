/* The bridge to the browser's storage: reads drafts when asked, applies patches to them, and
 * reports what other tabs changed. It knows keys and paths, nothing of companies or cards.
 *
 * JavaScript, because Reflex's own storage variables send a whole value at every change, so two
 * tabs would overwrite each other's fields, and they cannot tell that the storage is full. Reading,
 * patching and writing here happen in one synchronous step, and what another tab overwrote all the
 * same, because it had not heard of it yet, is written again.
 */
import { useEffect, useRef } from "react";

const PROBE = "draft-storage-probe";
const HEADROOM = 200_000;

// What blossomer/state/messages.py and the websocket's door let through. A draft of ours has a
// tenth of it; anything larger did not come from here.
const MOST_CHARACTERS = 400_000;
const MOST_BYTES = 480_000;
const MOST_ENTRIES = 300;
const MOST_COLUMN = 200;

const canBeSent = (text) =>
  text.length <= MOST_CHARACTERS &&
  new TextEncoder().encode(JSON.stringify(text)).length <= MOST_BYTES;

const at = (value, path) => path.reduce((node, key) => node?.[key], value);

const applyChanges = (document, changes) => {
  for (const { path, value } of changes) {
    let node = document;
    for (const key of path.slice(0, -1)) {
      const child = Object.hasOwn(node, key) ? node[key] : undefined;
      if (child === null || typeof child !== "object" || Array.isArray(child)) {
        Object.defineProperty(node, key, {
          value: {}, writable: true, enumerable: true, configurable: true,
        });
      }
      node = node[key];
    }
    Object.defineProperty(node, path[path.length - 1], {
      value, writable: true, enumerable: true, configurable: true,
    });
  }
  return document;
};

// Tabs are processes of their own, and each reads the storage from a copy that hears of the others'
// writes a little later. Two that write at the same moment both begin from the old document, and
// the later one takes the other's fields back to what they were. Who hears of such a write has its
// own changes of the last moments back: a field that holds again what it held before was not
// changed by the other tab on purpose.
const RECENT_MILLISECONDS = 3_000;
const recent = new Map();

const remember = (key, document, changes) => {
  const known = recent.get(key) ?? new Map();
  for (const { path, value } of changes) {
    const name = JSON.stringify(path);
    const before = known.get(name)?.before ?? new Set();
    before.add(JSON.stringify(at(document, path)));
    before.delete(JSON.stringify(value));
    known.set(name, { path, value, before, moment: Date.now() });
  }
  recent.set(key, known);
};

const takenBack = (key, document) => {
  const known = [...(recent.get(key)?.values() ?? [])];
  return known.filter(
    ({ path, before, moment }) =>
      Date.now() - moment < RECENT_MILLISECONDS && before.has(JSON.stringify(at(document, path))),
  );
};

// The document as it is now, with what was taken back; empty when there is none.
const mended = (key) => {
  const text = localStorage.getItem(key);
  if (text === null) return "";
  try {
    const document = JSON.parse(text);
    const lost = takenBack(key, document);
    if (lost.length > 0) store(key, JSON.stringify(applyChanges(document, lost)));
  } catch {
    /* unreadable, or no room: as it stands there */
  }
  return localStorage.getItem(key) ?? "";
};

// What was deleted lies aside for an hour, under the moment of its deletion, to be had back.
const ASIDE = "removed_";
const ASIDE_MILLISECONDS = 3_600_000;

const keysWith = (prefix) => Object.keys(localStorage).filter((key) => key.startsWith(prefix));

const asideKeysOf = (key) => keysWith(ASIDE).filter((aside) => aside.endsWith(`_${key}`)).sort();

const dropAside = (olderThan) => {
  for (const key of keysWith(ASIDE)) {
    if (!(Number(key.split("_")[1]) > olderThan)) localStorage.removeItem(key);
  }
};

// Storage that is full of what was deleted is not full.
const store = (key, text) => {
  try {
    localStorage.setItem(key, text);
  } catch (error) {
    if (keysWith(ASIDE).length === 0) throw error;
    dropAside(Infinity);
    localStorage.setItem(key, text);
  }
};

const actions = {
  write: ({ key, document }) => store(key, JSON.stringify(document)),
  change: ({ key, changes }) => {
    const text = localStorage.getItem(key);
    if (text === null) return "missing";
    const document = JSON.parse(text);
    remember(key, document, changes);
    store(key, JSON.stringify(applyChanges(document, changes)));
  },
  remove: ({ key }) => {
    const text = localStorage.getItem(key);
    localStorage.removeItem(key);
    if (text !== null) {
      try {
        localStorage.setItem(`${ASIDE}${Date.now()}_${key}`, text);
      } catch {
        /* no room to lay it aside: deleted it is all the same */
      }
    }
  },
  restore: ({ key }) => {
    const aside = asideKeysOf(key).at(-1);
    if (aside === undefined) return localStorage.getItem(key) === null ? "missing" : "";
    const text = localStorage.getItem(aside);
    localStorage.removeItem(aside);
    localStorage.setItem(key, text);
  },
  forget: ({ key }) => {
    localStorage.removeItem(key);
    dropAside(Infinity);
  },
};

const perform = (operation) => actions[operation.action](operation) ?? "";

const failureOf = (error) =>
  error?.name === "SyntaxError" ? "unreadable"
  : error?.name === "SecurityError" ? "unavailable"
  : "full";

const isNearlyFull = () => {
  try {
    localStorage.setItem(PROBE, "x".repeat(HEADROOM));
    return false;
  } catch {
    return true;
  } finally {
    try {
      localStorage.removeItem(PROBE);
    } catch {
      /* storage that cannot be written has no probe to remove */
    }
  }
};

// Of what a column holds, as much as a list needs; a longer value tells a list nothing.
const bounded = (value) => {
  if (typeof value === "string") return value.slice(0, MOST_COLUMN);
  const text = JSON.stringify(value);
  return text !== undefined && text.length <= MOST_COLUMN * 10 ? value : null;
};

const words = (text) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

const collect = (value, texts) => {
  if (typeof value === "string") texts.push(value);
  else if (value && typeof value === "object") Object.values(value).forEach((v) => collect(v, texts));
  return texts;
};

// Whether every wanted word is the beginning of a word of the texts.
const matches = (document, wanted, unsearched) => {
  if (wanted.length === 0) return true;
  const data = Object.entries(document.data ?? {}).filter(([key]) => !unsearched.includes(key));
  const found = words(collect([document.name, data.map(([, value]) => value)], []).join(" "));
  return wanted.every((start) => found.some((word) => word.startsWith(start)));
};

const read = ({ id, prefix, own, wanted, columns, text, unsearched }) => {
  const drafts = new Map();
  const asked = words(text ?? "");
  let unreadable = 0;
  let available = true;
  try {
    for (let index = 0; index < localStorage.length; index += 1) {
      const key = localStorage.key(index);
      if (!key.startsWith(prefix)) continue;
      try {
        const content = localStorage.getItem(key);
        const document = JSON.parse(content);
        if (!canBeSent(content)) throw new RangeError();
        const named = Object.entries(columns?.[document.entity] ?? {});
        drafts.set(key, {
          content,
          parents: document.parents ?? {},
          entry: {
            id: String(document.id).slice(0, 64),
            entity: String(document.entity).slice(0, 40),
            name: String(document.name).slice(0, MOST_COLUMN),
            status: String(document.status).slice(0, 20),
            created_at: String(document.created_at).slice(0, 40),
            updated_at: String(document.updated_at ?? document.created_at).slice(0, 40),
            parents: bounded(document.parents ?? {}) ?? {},
            columns: Object.fromEntries(named.map(([name, path]) => [name, bounded(at(document, path) ?? null)])),
            matches: matches(document, asked, unsearched ?? []),
          },
        });
      } catch {
        if (own && key.startsWith(own)) unreadable += 1;
      }
    }
  } catch {
    available = false;
  }
  const newestFirst = [...drafts].sort(([, a], [, b]) => (a.entry.created_at < b.entry.created_at ? 1 : -1));
  const newest = newestFirst.find(([key]) => own && key.startsWith(own))?.[0];
  const open = (wanted ?? []).length ? [...wanted] : newest ? [newest] : [];
  const documents = [];
  let left = MOST_CHARACTERS;
  for (const key of open) {
    // What is found is followed upwards: a document is read together with all that it is below.
    const draft = drafts.get(key);
    if (!draft || draft.content.length > left) continue;
    left -= draft.content.length;
    documents.push(draft.content);
    for (const [entity, parent] of Object.entries(draft.parents)) {
      const above = `${prefix}${entity}_${parent}`;
      if (!open.includes(above)) open.push(above);
    }
  }
  return {
    request: id,
    available,
    unreadable,
    entries: newestFirst.slice(0, MOST_ENTRIES).map(([, { entry }]) => entry),
    documents,
  };
};

export const BrowserDrafts = ({ prefix, request, operations, onDocuments, onWritten, onChanged }) => {
  const answered = useRef("");
  const performed = useRef(new Set());

  useEffect(() => {
    try {
      dropAside(Date.now() - ASIDE_MILLISECONDS);
    } catch {
      /* storage that cannot be read holds nothing to drop */
    }
  }, []);

  useEffect(() => {
    const waiting = (operations ?? []).filter(({ id }) => !performed.current.has(id));
    if (waiting.length === 0) return;
    const done = [];
    const failed = [];
    for (const operation of waiting) {
      performed.current.add(operation.id);
      let failure;
      try {
        failure = perform(operation);
      } catch (error) {
        failure = failureOf(error);
      }
      if (failure) failed.push({ id: operation.id, key: operation.key, reason: failure });
      else done.push(operation.id);
    }
    onWritten({ done, failed, nearly_full: isNearlyFull() });
  }, [operations]);

  useEffect(() => {
    if (!request?.id || request.id === answered.current) return;
    answered.current = request.id;
    onDocuments(read(request));
  }, [request?.id]);

  useEffect(() => {
    const listener = (event) => {
      if (event.storageArea !== localStorage || !event.key?.startsWith(prefix)) return;
      const text = mended(event.key);
      if (canBeSent(text)) onChanged({ key: event.key, document: text });
    };
    window.addEventListener("storage", listener);
    return () => window.removeEventListener("storage", listener);
  });

  return null;
};
