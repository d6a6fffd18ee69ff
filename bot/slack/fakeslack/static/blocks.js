// Block Kit blocks.
import { h } from "./dom.js";
import { element } from "./elements.js";
import { markdown, plain, richText, textObject } from "./mrkdwn.js";

/** blocks draws a list of blocks. where = {use(match), values, errors, prefix}. */
export function blocks(list, where) {
  return (list || []).map((b) => {
    const draw = kinds[b.type];
    const node = draw ? draw(b, where) : h("div", { class: "unknown" }, "(" + b.type + " block)");
    node.classList.add("block", "b-" + b.type);
    node.dataset.blockId = b.block_id || "";
    return node;
  });
}

function section(b, where) {
  const body = h("div", { class: "section-body" });
  if (b.text) body.append(h("div", { class: "text" }, textObject(b.text)));
  if (b.fields) body.append(h("div", { class: "fields" }, b.fields.map((f) => h("div", { class: "text" }, textObject(f)))));
  const label = b.text ? plain(b.text).slice(0, 80) : "";
  return h("div", {}, body, b.accessory ? h("div", { class: "accessory" }, element(b.accessory, b.block_id, { ...where, label })) : null);
}

function context(b) {
  return h("div", {}, b.elements.map((e) => (e.type === "image"
    ? h("img", { src: e.image_url, alt: e.alt_text, class: "tiny" })
    : h("span", { class: "text" }, textObject(e)))));
}

function image(b) {
  const src = b.image_url || b.slack_file?.url;
  return h("figure", {}, b.title ? h("figcaption", {}, plain(b.title)) : null, h("img", { src, alt: b.alt_text, loading: "lazy" }));
}

function input(b, where) {
  const id = (where.prefix || "m") + "-" + b.block_id;
  const error = where.errors?.[b.block_id];
  const group = ["checkboxes", "radio_buttons"].includes(b.element.type);
  const described = [error && id + "-error", b.hint && id + "-hint"].filter(Boolean).join(" ") || null;
  const field = element(b.element, b.block_id, {
    ...where, input: true, id, label: plain(b.label), required: !b.optional, described, value: where.values?.[b.block_id],
  });
  const node = h("div", { class: error ? "bad" : "" },
    h(group ? "div" : "label", { class: "label", for: group ? null : id }, plain(b.label), b.optional ? h("span", { class: "optional" }, " (optional)") : null),
    field,
    error ? h("p", { class: "field-error", id: id + "-error" }, error) : null,
    b.hint ? h("p", { class: "hint", id: id + "-hint" }, plain(b.hint)) : null);
  if (error) node.querySelector("#" + CSS.escape(id))?.setAttribute("aria-invalid", "true");
  return node;
}

function table(b) {
  const cell = (c) => (c.type === "rich_text" ? richText(c) : String(c.text ?? c.value ?? ""));
  return h("div", { class: "table" }, h("table", {}, (b.rows || []).map((r, i) => h("tr", {}, r.map((c) => h(i ? "td" : "th", {}, cell(c)))))));
}

const kinds = {
  header: (b) => h("div", {}, h("h3", {}, plain(b.text))),
  section, context, image, input, table,
  divider: () => h("hr"),
  actions: (b, where) => h("div", {}, b.elements.map((e) => element(e, b.block_id, where))),
  rich_text: (b) => h("div", { class: "text" }, richText(b)),
  markdown: (b) => h("div", { class: "text" }, markdown(b.text)),
  alert: (b) => h("div", { role: "note" }, textObject(b.text)),
  video: (b) => h("div", {}, h("a", { href: b.title_url || b.video_url, target: "_blank", rel: "noopener noreferrer" }, plain(b.title))),
  file: () => h("div", {}, "(file)"),
};
