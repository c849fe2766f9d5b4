/* A button that lets a person choose a text file and hands its text to the page.
 *
 * Reflex's own upload writes files to the server's disk and opens two addresses for them to
 * anybody. What is read here goes the way of every other event, and is checked like one.
 */
import { useRef } from "react";

export const TextFile = ({ id, accept, most, onText, className, children, ...rest }) => {
  const input = useRef(null);
  const read = async ({ target }) => {
    const file = target.files?.[0];
    if (!file) return;
    const text = file.size <= most * 4 ? await file.text() : "";
    target.value = ""; // the same file may be chosen again
    const fits = text.length <= most && (text.length > 0 || file.size === 0);
    onText({ name: file.name.slice(0, 200), text: fits ? text : "", fits });
  };
  return (
    <>
      <button type="button" className={className} onClick={() => input.current?.click()} {...rest}>
        {children}
      </button>
      <input ref={input} id={id} type="file" accept={accept} hidden onChange={read} />
    </>
  );
};
