/* The bridge to the browser's storage: reads drafts when asked, applies patches to them, and
 * reports what other tabs changed. It knows keys and paths, nothing of companies or cards.
 *
 * With blocked_storage.js the only JavaScript of the project. Reflex's own storage variables send
 * a whole value at every change, so two tabs would overwrite each other's fields, and they cannot
 * tell that the storage is full. Reading, patching and writing here happen in one synchronous step.
 */
import { useEffect, useRef } from "react";

const PROBE = "draft-storage-probe";
const HEADROOM = 200_000;

// What blossomer/state/messages.py and the websocket's door let through. A draft of ours has a
// tenth of it; anything larger did not come from here.
const MOST_CHARACTERS = 400_000;
const MOST_BYTES = 480_000;
const MOST_ENTRIES = 200;

const canBeSent = (text) =>
  text.length <= MOST_CHARACTERS &&
  new TextEncoder().encode(JSON.stringify(text)).length <= MOST_BYTES;

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

const perform = ({ key, document, changes }) => {
  if (changes.length === 0 && document === null) {
    localStorage.removeItem(key);
    return "";
  }
  if (document !== null) {
    localStorage.setItem(key, JSON.stringify(document));
    return "";
  }
  const text = localStorage.getItem(key);
  if (text === null) {
    return "missing";
  }
  localStorage.setItem(key, JSON.stringify(applyChanges(JSON.parse(text), changes)));
  return "";
};

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

const read = ({ id, prefix, wanted }) => {
  const entries = [];
  let unreadable = 0;
  let available = true;
  try {
    for (let index = 0; index < localStorage.length; index += 1) {
      const key = localStorage.key(index);
      if (!key.startsWith(prefix)) continue;
      try {
        const text = localStorage.getItem(key);
        const { id: entryId, name, created_at } = JSON.parse(text);
        if (canBeSent(text)) {
          entries.push({
            key,
            id: String(entryId).slice(0, 64),
            name: String(name).slice(0, 200),
            created_at: String(created_at).slice(0, 40),
          });
        } else {
          unreadable += 1;
        }
      } catch {
        unreadable += 1;
      }
    }
  } catch {
    available = false;
  }
  entries.sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  const chosen = entries.find((entry) => entry.id === wanted) ?? (wanted ? undefined : entries[0]);
  return {
    request: id,
    available,
    unreadable,
    entries: entries.slice(0, MOST_ENTRIES).map(({ key, ...entry }) => entry),
    document: chosen ? localStorage.getItem(chosen.key) : "",
  };
};

export const BrowserDrafts = ({ prefix, request, operations, onDocuments, onWritten, onChanged }) => {
  const answered = useRef("");
  const performed = useRef(new Set());

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
      const text = event.newValue ?? "";
      if (canBeSent(text)) onChanged({ key: event.key, document: text });
    };
    window.addEventListener("storage", listener);
    return () => window.removeEventListener("storage", listener);
  });

  return null;
};
