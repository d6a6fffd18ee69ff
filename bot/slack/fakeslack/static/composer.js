// The two fields in which messages and commands are typed.
import { $, h } from "./dom.js";
import { state, act } from "./state.js";

export function placeholders(where) {
  $("composer").placeholder = "Message " + where + ", or " + state.command + " …";
}

function grow(field) {
  field.style.height = "auto";
  field.style.height = Math.min(field.scrollHeight, 220) + "px";
}

function wire(formId, fieldId, thread) {
  const form = $(formId), field = $(fieldId), history = [];
  let at = 0;
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const text = field.value.trim();
    if (!text || form.getAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    field.value = "";
    grow(field);
    hint();
    history.push(text);
    at = history.length;
    const r = await act({ do: "send", channel: state.channel, text, thread: thread ? state.thread : "" });
    form.removeAttribute("aria-busy");
    if (!r.ok && !field.value) { field.value = text; grow(field); } // what was typed is not lost
  });
  field.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); form.requestSubmit(); }
    if (e.key === "ArrowUp" && (field.value === "" || at < history.length) && at > 0 && !field.value.includes("\n")) {
      e.preventDefault();
      field.value = history[--at];
      grow(field);
    }
    if (e.key === "Tab" && !e.shiftKey && !thread && /^\/\S*$/.test(field.value) && suggestions().length && field.value !== suggestions()[0] + " ") {
      e.preventDefault();
      field.value = suggestions()[0] + " ";
      hint();
    }
    if (e.key === "Escape") $("hint").hidden = true;
  });
  // Some tools send the character of Enter by itself.
  field.addEventListener("keypress", (e) => { if (e.key === "Enter" && !e.shiftKey) e.preventDefault(); });
  field.addEventListener("input", () => { grow(field); if (!thread) hint(); });
}

const suggestions = () => [state.command, ...(state.aliases || [])].filter((c) => c.startsWith($("composer").value.trim().split(" ")[0]));

/** hint shows what a command can be while one is typed. */
function hint() {
  const text = $("composer").value, list = $("hint");
  list.hidden = !text.startsWith("/");
  if (list.hidden) return;
  const pick = (c) => () => { $("composer").value = c + " "; $("composer").focus(); hint(); };
  list.replaceChildren(...suggestions().map((c) => h("li", {}, h("button", { type: "button", onclick: pick(c) }, h("strong", {}, c), h("span", {}, "declare, update, resolve… ", h("kbd", {}, c + " help"), " lists everything")))));
  if (!list.children.length) list.append(h("li", { class: "quiet" }, "There is no such command here. Try " + state.command + "."));
}

export function composers() {
  wire("compose", "composer", false);
  wire("thread-compose", "thread-composer", true);
}
