// Interactive elements of Block Kit. In a message every use is sent at once; in
// a modal those of input blocks keep their value until the form is submitted.
import { h, ask, menu } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";
import { state, channelLabel } from "./state.js";
import { wall, unwall } from "./time.js";

/** element draws one. where = {use(match), input: bool, label, required, described, value}. */
export function element(e, blockId, where) {
  const draw = kinds[e.type] || unknown;
  const node = draw(e, { ...where, blockId });
  const target = node.matches("button,select,input,textarea,fieldset") ? node : node.querySelector("button,select,input,textarea,fieldset");
  (target || node).dataset.actionId = e.action_id || "";
  if (e.value) (target || node).dataset.value = e.value;
  return node;
}

const unknown = (e) => h("span", { class: "unknown" }, "(" + e.type + " is not drawn here)");

/** use sends an action, after the confirmation the element asks for. */
async function use(e, w, value, node) {
  if (e.confirm && !(await ask(e.confirm, plain, textObject))) return false;
  const focused = document.activeElement === node;
  node.disabled = true;
  node.setAttribute("aria-busy", "true");
  try {
    // The message may be another one by now: what is sent is what was drawn here.
    await w.use(w.blockId + "/" + e.action_id + (value === undefined ? "" : "=" + value), e.value);
  } finally {
    node.disabled = false;
    node.removeAttribute("aria-busy");
    if (focused && node.isConnected) node.focus({ preventScroll: true });
  }
  return true;
}

function button(e, w) {
  const attrs = {
    class: "btn " + (e.style || ""), "aria-label": e.accessibility_label, data: { value: e.value },
    onclick: (ev) => { if (!e.url) ev.preventDefault(); use(e, w, undefined, ev.currentTarget); },
  };
  if (e.url) return h("a", { ...attrs, href: e.url, target: "_blank", rel: "noopener noreferrer" }, plain(e.text));
  return h("button", { ...attrs, type: "button" }, plain(e.text));
}

function overflow(e, w) {
  const b = h("button", { type: "button", class: "btn overflow", "aria-label": "More", "aria-haspopup": "menu" }, "⋯");
  b.addEventListener("click", () => menu(b, e.options.map((o) => ({
    label: plain(o.text),
    run: () => { if (o.url) window.open(o.url, "_blank", "noopener"); use(e, w, o.value, b); },
  }))));
  return b;
}

/** control wires a field: in an input block it waits, elsewhere it is sent. */
function control(node, e, w) {
  node.id = w.id || "";
  if (w.input) {
    if (w.required) node.setAttribute("aria-required", "true");
    if (w.described) node.setAttribute("aria-describedby", w.described);
    if (e.focus_on_load) node.setAttribute("autofocus", "");
  } else {
    node.setAttribute("aria-label", plain(e.placeholder) || w.label || "Choose");
    node.addEventListener("change", async () => {
      const before = node.dataset.before || "";
      const value = valueOf(node);
      if (value === "") return;
      if (await use(e, w, value, node)) node.dataset.before = value;
      else node.value = before;
    });
  }
  return node;
}

const option = (value, label, chosen) => h("option", { value, selected: chosen }, label);

function select(e, w, choices, chosen) {
  const many = e.type.startsWith("multi_");
  const node = h("select", { multiple: many, size: many ? Math.min(6, Math.max(3, choices.length)) : null, data: { many: many ? "1" : undefined } });
  if (!many) node.append(option("", plain(e.placeholder) || "Choose…", !chosen.length));
  for (const c of choices) {
    if (c.group) node.append(h("optgroup", { label: c.group }, c.options.map((o) => option(o.value, o.label, chosen.includes(o.value)))));
    else node.append(option(c.value, c.label, chosen.includes(c.value)));
  }
  return control(node, e, w);
}

const toChoice = (o) => ({ value: o.value, label: plain(o.text) + (o.description ? " – " + plain(o.description) : "") });

function staticSelect(e, w) {
  const choices = e.option_groups
    ? e.option_groups.map((g) => ({ group: plain(g.label), options: g.options.map(toChoice) }))
    : (e.options || []).map(toChoice);
  const first = w.value ?? (e.initial_options || [e.initial_option]).filter(Boolean).map((o) => o.value).join(",");
  return select(e, w, choices, first ? first.split(",") : []);
}

function people(e, w) {
  const all = state.users.filter((u) => !u.deleted).map((u) => ({ value: u.id, label: u.real_name + " (@" + u.name + ")" }));
  const first = w.value ?? (e.initial_users || [e.initial_user]).filter(Boolean).join(",");
  return select(e, w, all, first ? first.split(",") : []);
}

function conversations(e, w) {
  const publicOnly = e.type.includes("channels");
  const all = state.channels.filter((c) => !c.archived && (!publicOnly || !c.private))
    .map((c) => ({ value: c.id, label: (c.im || c.mpim ? "" : "# ") + channelLabel(c) }));
  const first = w.value ?? [].concat(e.initial_conversations || e.initial_channels || e.initial_conversation || e.initial_channel || []).join(",");
  return select(e, w, all, first ? first.split(",") : []);
}

function input(type, initial) {
  return (e, w) => control(h("input", { type, value: w.value ?? initial(e) ?? "", placeholder: plain(e.placeholder) || null, maxlength: e.max_length, minlength: e.min_length }), e, w);
}

function plainText(e, w) {
  if (!e.multiline) return input("text", (x) => x.initial_value)(e, w);
  return control(h("textarea", { rows: 4, value: w.value ?? e.initial_value ?? "", placeholder: plain(e.placeholder) || null, maxlength: e.max_length }), e, w);
}

function dateTime(e, w) {
  const unix = Number(w.value ?? e.initial_date_time ?? 0);
  const node = h("input", { type: "datetime-local", value: unix ? wall(unix) : "", data: { unix: "1" } });
  return control(node, e, w);
}

function choices(type) {
  return (e, w) => {
    const first = w.value ?? [].concat(e.initial_options || e.initial_option || []).map((o) => o.value).join(",");
    const name = (w.id || e.action_id) + "-" + w.blockId;
    const box = h("fieldset", { class: "choices", id: w.id, "aria-describedby": w.described, data: { choices: "1" } },
      h("legend", { class: "hidden" }, w.label || "Choose"),
      (e.options || []).map((o) => h("label", {},
        h("input", { type, name, value: o.value, checked: first.split(",").includes(o.value) }),
        h("span", {}, textObject(o.text), o.description ? h("small", {}, textObject(o.description)) : null))));
    if (!w.input) box.addEventListener("change", () => use(e, w, valueOf(box), box));
    return box;
  };
}

/** valueOf reads a field as the backend takes it. */
export function valueOf(node) {
  if (node.dataset.choices) return [...node.querySelectorAll("input:checked")].map((i) => i.value).join(",");
  if (node.dataset.many) return [...node.selectedOptions].map((o) => o.value).join(",");
  if (node.dataset.unix) return node.value ? unwall(node.value) : "";
  return node.value;
}

const kinds = {
  button, overflow, workflow_button: button,
  static_select: staticSelect, multi_static_select: staticSelect, external_select: staticSelect, multi_external_select: staticSelect,
  users_select: people, multi_users_select: people,
  conversations_select: conversations, multi_conversations_select: conversations, channels_select: conversations, multi_channels_select: conversations,
  plain_text_input: plainText, rich_text_input: (e, w) => plainText({ ...e, multiline: true, initial_value: "" }, w),
  number_input: input("number", (e) => e.initial_value), email_text_input: input("email", (e) => e.initial_value), url_text_input: input("url", (e) => e.initial_value),
  datepicker: input("date", (e) => e.initial_date), timepicker: input("time", (e) => e.initial_time), datetimepicker: dateTime,
  checkboxes: choices("checkbox"), radio_buttons: choices("radio"),
  image: (e) => h("img", { src: e.image_url, alt: e.alt_text, class: "thumb", loading: "lazy" }),
};
