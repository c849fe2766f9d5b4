/* Stands in for storage that the browser refuses, so that the pages work all the same.
 *
 * Where a person blocks site data, merely naming localStorage or sessionStorage raises an error,
 * and Reflex names both before it draws anything. This keeps in memory what it wants to keep there
 * (the theme, the tab's token). Drafts are refused as before: nobody must believe them saved.
 */
for (const name of ["localStorage", "sessionStorage"]) {
  try {
    window[name].getItem("");
  } catch {
    const kept = new Map();
    const refuse = () => {
      throw new DOMException("The browser keeps no data of this site.", "SecurityError");
    };
    const substitute = {
      get length() { return refuse(); },
      key: refuse,
      getItem: (key) => kept.get(String(key)) ?? null,
      setItem: (key, value) => {
        if (String(key).startsWith("draft_")) refuse();
        kept.set(String(key), String(value));
      },
      removeItem: (key) => { kept.delete(String(key)); },
      clear: () => kept.clear(),
    };
    Object.defineProperty(window, name, { value: substitute, configurable: true });
  }
}
