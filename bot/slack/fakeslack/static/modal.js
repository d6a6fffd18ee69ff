// Modals: the person's top view as a dialog.
import { h, $ } from "./dom.js";
import { blocks } from "./blocks.js";
import { valueOf } from "./elements.js";
import { plain } from "./mrkdwn.js";
import { state, act } from "./state.js";

let dialog = null; // the <dialog> that is open
let shown = null; // the view in it
let returnTo = null; // what had the focus before

/** values reads every input block of the dialog. */
function values() {
  const out = {};
  for (const b of shown.blocks.filter((x) => x.type === "input")) {
    const field = dialog.querySelector("#" + CSS.escape("v-" + b.block_id));
    if (field) out[b.block_id] = valueOf(field);
  }
  return out;
}

/** drawModal makes the dialog fit the state. Redrawing keeps what is typed. */
export function drawModal() {
  const view = state.views.at(-1);
  if (!view) { closeDialog(); return; }
  if (shown && shown.id === view.id && shown.hash === view.hash) return;
  const typed = shown && shown.id === view.id ? kept(view) : stateValues(view);
  show(view, typed, {});
}

/** kept is what is typed in blocks that an update left as they were. */
function kept(view) {
  const now = values(), out = stateValues(view);
  for (const b of view.blocks) {
    const old = shown.blocks.find((x) => x.block_id === b.block_id && x.element?.action_id === b.element?.action_id);
    if (old && b.block_id in now) out[b.block_id] = now[b.block_id];
  }
  return out;
}

/** stateValues is what the backend says the inputs hold. */
function stateValues(view) {
  const out = {};
  for (const [block, actions] of Object.entries(view.state?.values || {})) {
    for (const v of Object.values(actions)) {
      const x = Object.entries(v).find(([k]) => k !== "type")?.[1];
      if (x === null || x === undefined) continue;
      out[block] = [].concat(x).map((o) => (o && typeof o === "object" ? o.value ?? "" : String(o))).join(",");
    }
  }
  return out;
}

function show(view, typed, errors) {
  const focus = dialog?.contains(document.activeElement) ? document.activeElement.id : "";
  const scroll = dialog?.querySelector(".modal-body")?.scrollTop || 0;
  const same = shown?.id === view.id;
  if (!dialog) {
    returnTo = document.activeElement;
    dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title" });
    dialog.addEventListener("cancel", (e) => { e.preventDefault(); close(false); });
    document.body.append(dialog);
  }
  shown = view;
  dialog.dataset.viewId = view.id;
  dialog.dataset.callbackId = view.callback_id;
  dialog.replaceChildren(form(view, typed, errors));
  if (!dialog.open) dialog.showModal();
  const wanted = (same && focus && document.getElementById(focus)) || dialog.querySelector("[aria-invalid]") ||
    dialog.querySelector("[autofocus]") || dialog.querySelector(".modal-body :is(input,select,textarea)") || dialog.querySelector("button[type=submit]");
  wanted?.focus();
  if (same) dialog.querySelector(".modal-body").scrollTop = scroll;
}

function form(view, typed, errors) {
  const where = {
    prefix: "v", values: typed, errors,
    use: (match) => act({ do: "clickin", view: view.id, match, values: values() }),
  };
  return h("form", { novalidate: true, onsubmit: submit },
    h("header", {}, h("h2", { id: "modal-title" }, plain(view.title)),
      h("button", { type: "button", class: "cross", "aria-label": "Close", onclick: () => close(true) }, "×")),
    h("div", { class: "modal-body" }, blocks(view.blocks, where)),
    h("footer", {},
      h("button", { type: "button", class: "btn", data: { close: "1" }, onclick: () => close(false) }, plain(view.close) || (state.views.length > 1 ? "Back" : "Cancel")),
      view.submit ? h("button", { type: "submit", class: "btn primary" }, plain(view.submit)) : null));
}

async function submit(e) {
  e.preventDefault();
  const button = dialog.querySelector("button[type=submit]");
  const typed = values(), view = shown;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  const r = await act({ do: "submit", view: view.id, values: typed });
  if (shown !== view) return; // closed or updated meanwhile
  button.disabled = false;
  button.removeAttribute("aria-busy");
  if (r.errors && Object.keys(r.errors).length) show(view, typed, r.errors);
}

function close(all) { act({ do: "close", view: shown.id, all }); }

function closeDialog() {
  if (!dialog) return;
  document.body.append($("toast"));
  dialog.close();
  dialog.remove();
  dialog = shown = null;
  // The dialog gave the focus back by itself, but the caret stayed in what is
  // gone now; focusing anew brings it along.
  document.activeElement?.blur();
  if (returnTo?.isConnected) returnTo.focus();
}
