// Small helpers to make elements and to call the backend.

/** h makes an element: h("p", {class: "x", onclick: f, data: {id: 1}}, "text", node, …). */
export function h(tag, attrs, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "data") {
      for (const [k, v] of Object.entries(value)) if (v !== undefined) el.setAttribute("data-" + k, v);
    } else if (name.startsWith("on")) {
      el.addEventListener(name.slice(2), value);
    } else if (name === "value" || name === "checked" || name === "selected") {
      el[name] = value;
    } else {
      el.setAttribute(name, value === true ? "" : value);
    }
  }
  append(el, children);
  return el;
}

export function append(el, children) {
  for (const c of children.flat(Infinity)) {
    if (c !== undefined && c !== null && c !== false) el.append(c);
  }
  return el;
}

const icons = {
  lock: "M5 7V5a3 3 0 0 1 6 0v2h1v7H4V7zm1.5 0h3V5a1.5 1.5 0 0 0-3 0z",
  pin: "M6 1h4l-.5 5L12 8.5V10H8.7L8 15l-.7-5H4V8.5L6.5 6z",
  eye: "M8 3c3.5 0 6 3 7 5-1 2-3.5 5-7 5S2 10 1 8c1-2 3.5-5 7-5zm0 2a3 3 0 1 0 0 6 3 3 0 0 0 0-6zm0 1.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z",
  reply: "M2 3h12v8H8l-4 3v-3H2z",
  check: "M6.3 11.3 2.8 7.8l-1.3 1.3 4.8 4.8 8.2-9-1.4-1.3z",
  link: "M7 5H4a3 3 0 0 0 0 6h3V9.5H4a1.5 1.5 0 0 1 0-3h3zm2 0v1.5h3a1.5 1.5 0 0 1 0 3H9V11h3a3 3 0 0 0 0-6zM5 7.2h6v1.6H5z",
  file: "M3 1h7l3 3v11H3zm6 1.5V5h2.5z",
};

/** icon is one of the page's own pictures; they need no emoji font. */
export function icon(name) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg"), path = document.createElementNS(ns, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", icons[name]);
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}

export const $ = (id) => document.getElementById(id);

/** keep replaces el's children by nodes made for items, and remakes only those whose sig changed, so that focus, selection and screen readers are left in peace. */
export function keep(el, items, key, sig, make) {
  const old = new Map();
  for (const child of [...el.children]) old.set(child.dataset.key, child);
  let at = null;
  for (const item of items) {
    const k = key(item), s = sig(item);
    let node = old.get(k);
    old.delete(k);
    if (!node || node._sig !== s) {
      const fresh = make(item);
      fresh.dataset.key = k;
      fresh._sig = s;
      if (node) swap(node, fresh);
      node = fresh;
    }
    const next = at ? at.nextSibling : el.firstChild;
    if (next !== node) el.insertBefore(node, next);
    at = node;
  }
  for (const gone of old.values()) gone.remove();
}

/** swap replaces a node; a button in it that had the focus has it afterwards. */
function swap(node, fresh) {
  const action = node.contains(document.activeElement) ? document.activeElement.dataset.actionId : "";
  node.replaceWith(fresh);
  if (action) fresh.querySelector(`[data-action-id="${CSS.escape(action)}"]`)?.focus({ preventScroll: true });
}

export async function get(path) {
  const r = await fetch(path, { cache: "no-store" });
  if (!r.ok) throw new Error("HTTP " + r.status);
  return r.json();
}

export async function post(path, body) {
  const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!r.ok) throw new Error("HTTP " + r.status);
  return r.json();
}

let toastTimer;

export function toast(text) {
  const t = $("toast");
  t.textContent = text;
  t.hidden = false;
  // A modal dialog covers the page, so the note must be shown inside it.
  (document.querySelector("dialog[open]") || document.body).append(t);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { t.hidden = true; }, 6000);
}

/** menu shows choices at a button until one is taken. */
export function menu(button, choices) {
  document.querySelector(".menu")?.remove();
  const box = h("div", { class: "menu", role: "menu" });
  const close = (focus) => {
    box.remove();
    document.removeEventListener("pointerdown", away);
    if (focus) button.focus();
  };
  const away = (e) => { if (!box.contains(e.target)) close(false); };
  for (const c of choices) {
    box.append(h("button", { type: "button", role: "menuitem", onclick: () => { close(true); c.run(); } }, c.label));
  }
  box.addEventListener("keydown", (e) => {
    const all = [...box.children], i = all.indexOf(document.activeElement);
    if (e.key === "Escape") { e.stopPropagation(); e.preventDefault(); close(true); }
    if (e.key === "ArrowDown") all[(i + 1) % all.length].focus();
    if (e.key === "ArrowUp") all[(i + all.length - 1) % all.length].focus();
  });
  (button.closest("dialog") || document.body).append(box);
  const r = button.getBoundingClientRect();
  box.style.top = Math.max(8, Math.min(r.bottom + 4, innerHeight - box.offsetHeight - 8)) + "px";
  box.style.left = Math.max(8, Math.min(r.left, innerWidth - box.offsetWidth - 8)) + "px";
  box.firstChild?.focus();
  setTimeout(() => document.addEventListener("pointerdown", away));
}

/** ask shows a confirmation dialog of Block Kit and resolves to a boolean. */
export function ask(confirm, text, rich) {
  return new Promise((resolve) => {
    const d = h("dialog", { class: "confirm" },
      h("form", { method: "dialog" },
        h("h2", {}, text(confirm.title)), h("p", {}, rich(confirm.text)),
        h("div", { class: "buttons" },
          h("button", { type: "submit", value: "", class: "btn" }, text(confirm.deny)),
          h("button", { type: "submit", class: "btn " + (confirm.style === "danger" ? "danger" : "primary"), data: { confirm: "yes" }, onclick: () => d.close("yes") }, text(confirm.confirm)))));
    d.addEventListener("close", () => { d.remove(); resolve(d.returnValue === "yes"); });
    document.body.append(d);
    d.showModal();
  });
}
