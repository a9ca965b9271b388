/* Lines of code: where links to them lead, and their text to copy. */

const SCHEMES = new Set(
  "http https file vscode vscode-insiders vscodium cursor windsurf zed idea jetbrains subl txmt emacs nvim".split(" "),
);
const DEFAULT_ROOT = document.documentElement.dataset["root"] ?? "";
let root = DEFAULT_ROOT;

/**
 * Whether links may lead there: no address that runs a script.
 *
 * @param {string} address
 * @returns {boolean}
 */
function isSafe(address) {
  const scheme = /^\s*([^/?#:]*):/.exec(address);
  return !scheme || SCHEMES.has((scheme[1] ?? "").toLowerCase());
}

/**
 * The address of a line: forges name it by `#L7`, editors by `:7`, folders not at all.
 *
 * @param {string} file
 * @param {number} line
 * @returns {string}
 */
function address(file, line) {
  const path = file.split("/").map(encodeURIComponent).join("/");
  if (root.includes("{file}")) return root.replaceAll("{file}", path).replaceAll("{line}", String(line || 1));
  const whole = `${root.replace(/\/+$/, "")}/${path}`;
  if (!line || !root.includes(":")) return whole;
  if (/^https?:/i.test(root)) return `${whole}#L${line}`;
  return /^file:/i.test(root) ? whole : `${whole}:${line}`;
}

/**
 * A line of code as a link, with a button that copies it.
 *
 * @param {string} file
 * @param {number} [line]
 * @returns {HTMLElement}
 */
function place(file, line = 0) {
  const text = line ? `${file}:${line}` : file;
  const link = h("a", { href: address(file, line), "data-file": file, "data-line": line }, ...soft(text));
  return h("span", { class: "place" }, link, copier(text));
}

/**
 * A line of code given as `file:line`.
 *
 * @param {string} text
 * @returns {HTMLElement}
 */
function placed(text) {
  const found = /^(.*):(\d+)$/s.exec(text);
  return found ? place(found[1] ?? "", Number(found[2])) : place(text);
}

/**
 * @param {string} text
 * @returns {HTMLElement}
 */
function copier(text) {
  return h("button", { type: "button", class: "copy", "aria-label": `Copy ${text}`, "data-text": text });
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest(".copy") : null;
  if (button instanceof HTMLElement) void copy(button.dataset["text"] ?? "", button);
});

/**
 * @param {string} text
 * @param {HTMLElement} button
 */
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages of files may be kept from the clipboard; a selection may not.
    const field = h("textarea", { class: "unseen" }, text);
    document.body.append(field);
    /** @type {HTMLTextAreaElement} */ (field).select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 1200);
  tell(`Copied ${text}`);
}

/** Let all links lead to another root; one that may not be is told and left. @param {string} wanted */
function follow(wanted) {
  const field = /** @type {HTMLInputElement} */ (byId("root"));
  const fine = isSafe(wanted);
  field.setAttribute("aria-invalid", String(!fine));
  if (!fine) {
    tell("Links may not lead there.");
    return;
  }
  root = wanted.trim() || DEFAULT_ROOT;
  for (const link of document.querySelectorAll("a[data-file]"))
    if (link instanceof HTMLElement)
      link.setAttribute("href", address(link.dataset["file"] ?? "", Number(link.dataset["line"])));
}

/** Take over the settings of the address and listen to those of the form. */
function startSettings() {
  const asked = new URLSearchParams(location.search).get("root") ?? "";
  const field = /** @type {HTMLInputElement} */ (byId("root"));
  field.value = asked || DEFAULT_ROOT;
  follow(asked);
  field.addEventListener("input", () => follow(field.value));
  byId("settings").addEventListener("submit", (event) => event.preventDefault());
  byId("theme").addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) document.documentElement.style.colorScheme = event.target.value;
  });
}
