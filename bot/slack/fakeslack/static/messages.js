// Lists of messages: a conversation and a thread.
import { h, icon, keep, menu, $ } from "./dom.js";
import { blocks } from "./blocks.js";
import { emoji } from "./emoji.js";
import { mrkdwn, textObject } from "./mrkdwn.js";
import { state, act, userOf, userName } from "./state.js";
import { ago, clock, day, dayKey } from "./time.js";

const unix = (ts) => Number(ts.split(".")[0]);

export function avatar(user) {
  const name = userName(user?.id || user || "?");
  const letters = name.split(/\s+/).map((w) => w[0]).join("").slice(0, 2).toUpperCase();
  let n = 0;
  for (const c of user?.id || name) n = (n * 31 + c.charCodeAt(0)) % 8;
  return h("span", { class: "avatar c" + n + (user?.bot ? " bot" : ""), "aria-hidden": "true" }, letters);
}

function follows(m, before) {
  return before && before.user === m.user && !m.subtype && !before.subtype && !m.ephemeral && !before.ephemeral &&
    unix(m.ts) - unix(before.ts) < 300 && dayKey(unix(m.ts)) === dayKey(unix(before.ts)) && !m.bot_id;
}

/** rows turns messages into what is drawn: days between, followers without a head. */
function rows(list, inThread) {
  const out = [];
  let before = null;
  for (const m of list) {
    const key = dayKey(unix(m.ts));
    if (!inThread && (!before || dayKey(unix(before.ts)) !== key)) out.push({ key: "day " + key, day: unix(m.ts) });
    out.push({ key: m.ts, m, cont: follows(m, before) });
    before = m;
  }
  return out;
}

export function drawList(el, list, inThread) {
  const names = state.users.length + state.me; // a new name redraws
  keep(el, rows(list, inThread), (r) => r.key,
    (r) => (r.day ? r.key + names : JSON.stringify([r, names, inThread])),
    (r) => (r.day ? h("div", { class: "day", role: "separator" }, h("span", {}, day(r.day))) : message(r.m, r.cont, inThread)));
}

function body(m) {
  const where = { use: (match, drawn) => act({ do: "click", channel: state.channel, ts: m.ts, match, drawn }), prefix: "m" + m.ts.replace(".", "-") };
  const out = [];
  if (m.blocks?.length) out.push(...blocks(m.blocks, where));
  else if (m.text) out.push(h("div", { class: "text" }, mrkdwn(m.text)));
  for (const a of m.attachments || []) {
    out.push(h("div", { class: "attachment" }, a.pretext ? h("div", { class: "text" }, mrkdwn(a.pretext)) : null,
      a.title ? h("strong", {}, a.title) : null, a.text ? h("div", { class: "text" }, mrkdwn(a.text)) : null, blocks(a.blocks, where)));
  }
  for (const f of m.files || []) out.push(h("a", { class: "file", href: f.url_private_download, download: f.name }, icon("file"), " " + f.title + " (" + f.size + " bytes)"));
  return out;
}

function message(m, cont, inThread) {
  const user = userOf(m.user), at = unix(m.ts);
  if (m.subtype && !["file_share", "tombstone", "bot_message"].includes(m.subtype)) return system(m, at);
  const time = h("time", { datetime: new Date(at * 1000).toISOString(), title: day(at) + " " + clock(at) }, clock(at));
  const head = h("div", { class: "who" },
    h("span", { class: "name" }, m.username || userName(m.user)),
    m.bot_id ? h("span", { class: "badge" }, "APP") : null,
    user?.external ? h("span", { class: "badge" }, "EXTERNAL") : null, time);
  const edited = m.edited ? h("span", { class: "edited" }, " (edited)") : null;
  return h("article", { class: "msg" + (cont ? " cont" : "") + (m.ephemeral ? " ephemeral" : ""), tabindex: "-1", data: { "message-ts": m.ts, user: m.user } },
    cont ? h("span", { class: "gutter" }, time) : avatar(user || m.user),
    h("div", { class: "body" },
      m.ephemeral ? h("p", { class: "only-you" }, icon("eye"), " Only visible to you · ", h("button", { type: "button", class: "linkish", onclick: () => act({ do: "delete", channel: state.channel, ts: m.ts }) }, "Dismiss")) : null,
      m.pinned ? h("p", { class: "only-you" }, icon("pin"), " Pinned") : null,
      m.broadcast && !inThread ? h("p", { class: "only-you" }, "replied to a thread") : null,
      cont ? null : head, h("div", { class: edited ? "content inline" : "content" }, body(m), edited), reactions(m), inThread ? null : replies(m)),
    m.ephemeral || m.subtype === "tombstone" ? null : tools(m, inThread));
}

function system(m, at) {
  const named = m.text.includes("<@" + m.user + ">");
  return h("div", { class: "msg system", data: { "message-ts": m.ts, subtype: m.subtype } },
    h("span", { class: "gutter" }), h("div", { class: "body" }, named ? null : h("strong", {}, userName(m.user) + " "), mrkdwn(m.text), " ", h("time", {}, clock(at))));
}

function reactions(m) {
  if (!m.reactions?.length) return null;
  return h("div", { class: "reactions" }, m.reactions.map((r) => h("button", {
    type: "button", class: r.users.includes(state.me) ? "mine" : "", title: r.users.map(userName).join(", ") + " reacted with :" + r.name + ":",
    "aria-pressed": String(r.users.includes(state.me)), onclick: () => act({ do: "react", channel: state.channel, ts: m.ts, emoji: r.name }),
  }, (emoji[r.name] || ":" + r.name + ":") + " ", h("b", {}, r.count))));
}

function replies(m) {
  if (!m.reply_count) return null;
  return h("a", { class: "replies", href: "#" + state.channel + "//" + m.ts }, 
    h("span", { class: "faces", "aria-hidden": "true" }, m.reply_users.slice(0, 3).map((u) => avatar(userOf(u) || u))),
    m.reply_count + (m.reply_count === 1 ? " reply" : " replies"), h("small", {}, " last " + ago(unix(m.latest_reply))));
}

function tools(m, inThread) {
  const base = { channel: state.channel, ts: m.ts };
  const more = h("button", { type: "button", "aria-label": "More actions", title: "More", "aria-haspopup": "menu", class: "more" }, "⋯");
  more.addEventListener("click", () => menu(more, [
    ...state.shortcuts.filter((s) => !s.global).map((s) => ({ label: "⚡ " + s.name, run: () => act({ do: "shortcut", callback: s.callback_id, ...base }) })),
    { label: m.pinned ? "Unpin" : "Pin to channel", run: () => act({ do: "pin", ...base }) },
    ...(m.user === state.me ? [{ label: "Delete message", run: () => act({ do: "delete", ...base }) }] : []),
  ]));
  const react = (name, picture) => h("button", { type: "button", "aria-label": "React with " + name, title: "React with :" + name + ":", onclick: () => act({ do: "react", emoji: name, ...base }) }, icon(picture));
  return h("div", { class: "tools" }, react("white_check_mark", "check"), react("eyes", "eye"),
    inThread ? null : h("a", { href: "#" + state.channel + "//" + (m.thread_ts || m.ts), "aria-label": "Reply in thread", title: "Reply in thread", class: "reply" }, icon("reply")), more);
}

/** excerpt is the first line of a message, for the bar of pins. */
export function excerpt(m) {
  const head = (m.blocks || []).find((b) => b.type === "header" || (b.type === "section" && b.text));
  const box = h("div", {}, head ? textObject(head.text) : mrkdwn(m.text || "a message"));
  return box.textContent.slice(0, 90);
}

/** reveal scrolls to a message and marks it for a moment. */
export function reveal(ts) {
  const el = $("messages").querySelector(`[data-message-ts="${CSS.escape(ts)}"]`) || $("thread-messages").querySelector(`[data-message-ts="${CSS.escape(ts)}"]`);
  if (!el) return;
  el.scrollIntoView({ block: "center" });
  el.classList.add("marked");
  el.focus({ preventScroll: true });
  setTimeout(() => el.classList.remove("marked"), 2500);
}
