// Slack's mrkdwn, plain text, rich_text and markdown as DOM nodes. Nothing is
// ever parsed as HTML.
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { state, userName, channelOf } from "./state.js";
import { formatDate } from "./time.js";

const entity = (s) => s.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export function link(url, label) {
  const safe = /^(https?|mailto):/i.test(url);
  return safe ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label || url.replace(/^mailto:/, "")) : document.createTextNode(label || url);
}

/** mention draws <@U…>, <#C…>, <!…> and links. */
function angle(body) {
  const cut = body.indexOf("|");
  const ref = cut < 0 ? body : body.slice(0, cut);
  const label = cut < 0 ? "" : entity(body.slice(cut + 1));
  if (ref.startsWith("@")) return person(ref.slice(1));
  if (ref.startsWith("#")) return channelLink(ref.slice(1), label);
  if (ref.startsWith("!subteam^")) return group(ref.slice(9), label);
  if (ref.startsWith("!date^")) return date(ref, label);
  if (ref.startsWith("!")) return h("span", { class: "mention all" }, "@" + ref.slice(1));
  return link(entity(ref), label);
}

export function person(id) {
  return h("span", { class: "mention" + (id === state.me ? " me" : ""), data: { user: id } }, "@" + userName(id));
}

function channelLink(id, label) {
  const c = channelOf(id);
  if (!c && !label) return h("span", { class: "mention" }, "#private channel");
  return h("a", { class: "mention", href: "#" + id }, "#" + (c ? c.name : label));
}

function group(id, label) {
  const g = state.groups.find((x) => x.id === id);
  return h("span", { class: "mention" }, g ? "@" + g.handle : label || "@group");
}

function date(ref, fallback) {
  const [, unix, format, url] = ref.split("^");
  const text = formatDate(Number(unix), format || "", fallback);
  const t = h("time", { datetime: new Date(Number(unix) * 1000).toISOString(), title: fallback }, text);
  return url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, t) : t;
}

const token = /`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+'-]+):|(\*|_|~)(?=\S)([^\n]*?\S)\4(?![\p{L}\p{N}])|\n/gu;
const tags = { "*": "strong", "_": "em", "~": "s" };

/** inline draws one stretch of mrkdwn. */
function inline(text, marks = true) {
  const out = [];
  let at = 0;
  token.lastIndex = 0;
  for (const m of [...text.matchAll(token)]) {
    if (m.index < at) continue;
    const before = text[m.index - 1] || " ";
    if (m[4] && (!marks || /[\p{L}\p{N}]/u.test(before))) continue;
    if (m[1] !== undefined && !marks) continue;
    if (m[3] && !emoji[m[3]]) continue;
    out.push(entity(text.slice(at, m.index)));
    if (m[1] !== undefined) out.push(h("code", {}, entity(m[1])));
    else if (m[2] !== undefined) out.push(marks ? angle(m[2]) : entity(m[0]));
    else if (m[3]) out.push(h("span", { class: "emoji", title: m[0] }, emoji[m[3]]));
    else if (m[4]) out.push(h(tags[m[4]], {}, inline(m[5])));
    else out.push(h("br"));
    at = m.index + m[0].length;
  }
  out.push(entity(text.slice(at)));
  return out.filter((x) => x !== "");
}

/** mrkdwn draws text with its fences and quotes. */
export function mrkdwn(text) {
  const out = [];
  text.split(/```\n?([\s\S]*?)\n?```\n?/).forEach((part, i) => {
    if (i % 2) { out.push(h("pre", {}, entity(part))); return; }
    const lines = part.split("\n");
    for (let n = 0; n < lines.length;) {
      const quoted = isQuote(lines[n]);
      const run = [];
      while (n < lines.length && isQuote(lines[n]) === quoted) run.push(lines[n++]);
      if (quoted) out.push(h("blockquote", {}, inline(run.map((l) => l.replace(/^(>|&gt;) ?/, "")).join("\n"))));
      else if (run.join("") !== "" || run.length > 1) out.push(...inline(run.join("\n")));
    }
  });
  return out;
}

const isQuote = (line) => /^(>|&gt;)/.test(line);

/** textObject draws a text object of Block Kit. */
export function textObject(t) {
  if (!t) return [];
  return t.type === "mrkdwn" ? mrkdwn(t.text) : inline(t.text, false);
}

/** plain is a text object's text, with emoji. */
export const plain = (t) => (t ? t.text.replace(/:([a-z0-9_+'-]+):/g, (m, n) => emoji[n] || m) : "");

function richInline(e) {
  const style = e.style || {};
  let node;
  switch (e.type) {
    case "text": node = e.text.split("\n").flatMap((l, i) => (i ? [h("br"), l] : [l])); break;
    case "link": node = [link(e.url, e.text)]; break;
    case "user": node = [person(e.user_id)]; break;
    case "channel": node = [channelLink(e.channel_id, "")]; break;
    case "usergroup": node = [group(e.usergroup_id, "")]; break;
    case "broadcast": node = [h("span", { class: "mention all" }, "@" + e.range)]; break;
    case "emoji": node = [emoji[e.name] || ":" + e.name + ":"]; break;
    case "date": node = [formatDate(e.timestamp, e.format || "", e.fallback)]; break;
    default: node = [e.text || ""];
  }
  for (const [k, tag] of [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"]]) {
    if (style[k]) node = [h(tag, {}, node)];
  }
  return node;
}

export function richText(block) {
  return (block.elements || []).map((e) => {
    const kids = (e.elements || []);
    switch (e.type) {
      case "rich_text_list":
        return h(e.style === "ordered" ? "ol" : "ul", { class: "indent" + (e.indent || 0) }, kids.map((k) => h("li", {}, (k.elements || []).map(richInline))));
      case "rich_text_quote": return h("blockquote", {}, kids.map(richInline));
      case "rich_text_preformatted": return h("pre", {}, kids.map(richInline));
      default: return h("div", {}, kids.map(richInline));
    }
  });
}

/** markdown draws the part of standard markdown that messages use. */
export function markdown(text) {
  const out = [];
  let items = null;
  text.split(/```[a-z]*\n([\s\S]*?)```/).forEach((part, i) => {
    if (i % 2) { out.push(h("pre", {}, part)); items = null; return; }
    for (const line of part.split("\n")) {
      const item = /^\s*[-*] (.*)/.exec(line), head = /^(#{1,4}) (.*)/.exec(line);
      if (!item) items = null;
      if (item) {
        if (!items) out.push(items = h("ul"));
        items.append(h("li", {}, mdInline(item[1])));
      } else if (head) out.push(h("h" + Math.min(6, head[1].length + 2), {}, mdInline(head[2])));
      else if (/^> ?/.test(line)) out.push(h("blockquote", {}, mdInline(line.replace(/^> ?/, ""))));
      else if (line.trim()) out.push(h("p", {}, mdInline(line)));
    }
  });
  return out;
}

function mdInline(text) {
  const out = [];
  text.split(/(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\([^)\s]+\)|_[^_]+_)/).forEach((p, i) => {
    if (i % 2 === 0) { out.push(...inline(p, false)); return; }
    const l = /^\[([^\]]+)\]\(([^)\s]+)\)$/.exec(p);
    if (l) out.push(link(l[2], l[1]));
    else if (p.startsWith("**")) out.push(h("strong", {}, p.slice(2, -2)));
    else if (p.startsWith("`")) out.push(h("code", {}, p.slice(1, -1)));
    else out.push(h("em", {}, p.slice(1, -1)));
  });
  return out;
}
