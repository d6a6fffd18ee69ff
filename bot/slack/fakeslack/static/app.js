// The page: asks for the state when told of changes, and draws it.
import { $, get, h, icon, keep, menu, post, toast } from "./dom.js";
import { blocks } from "./blocks.js";
import { composers, placeholders } from "./composer.js";
import { avatar, drawList, excerpt, reveal } from "./messages.js";
import { drawModal } from "./modal.js";
import { mrkdwn } from "./mrkdwn.js";
import { act, channelLabel, channelOf, setPerform, state, userOf } from "./state.js";

let wantReveal = ""; // a message the address points to
let busy = false, again = false;

/** refresh asks for everything; calls while it runs make it run once more. */
async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    do {
      again = false;
      Object.assign(state, await get("_/state?user=" + encodeURIComponent(state.me)));
      if (!choose()) { again = true; continue; }
      const list = state.channel && state.channel !== "home" ? await get(`_/messages?user=${state.me}&channel=${state.channel}`) : { messages: [], channel: state.channel };
      if (list.channel === state.channel) state.messages = list.messages;
      else again = true;
      draw();
    } while (again);
  } catch (e) {
    toast("Connection lost, trying again. (" + e.message + ")");
  } finally {
    busy = false;
  }
}

/** choose settles who the tab is and what it shows; false asks again. */
function choose() {
  const people = state.users.filter((u) => !u.bot && !u.deleted);
  if (!people.some((u) => u.id === state.me)) {
    const asked = new URLSearchParams(location.search).get("as");
    const found = people.find((u) => u.id === asked || u.name === asked) || people[0];
    if (!found) return true;
    setMe(found.id);
    return false;
  }
  readHash();
  if (state.channel !== "home" && !channelOf(state.channel)) {
    const first = state.channels.find((c) => c.member && !c.im && !c.archived) || state.channels[0];
    state.channel = first ? first.id : "";
  }
  return true;
}

function setMe(id) {
  state.me = id;
  sessionStorage.setItem("persona", id);
}

/** readHash reads #CHANNEL/MESSAGE/THREAD. */
function readHash() {
  const [channel, ts, thread] = decodeURIComponent(location.hash.slice(1)).split("/");
  if (!/^([A-Z0-9]+|home)$/.test(channel)) return;
  if (channel !== state.channel) { state.channel = channel; state.thread = ""; state.messages = []; }
  state.thread = thread || "";
  if (ts) wantReveal = ts;
}

function go(hash) {
  document.body.classList.remove("show-nav");
  $("nav-toggle").setAttribute("aria-expanded", "false");
  if (location.hash === "#" + hash) return refresh();
  location.hash = hash;
}

function draw() {
  document.title = (state.channels.some((c) => c.unread) ? "• " : "") + state.team + " – Slack (local)";
  $("team").textContent = state.team;
  drawPersona();
  drawNav();
  drawHead();
  const atEnd = nearEnd();
  const home = state.channel === "home";
  $("scroller").hidden = home;
  $("home").hidden = !home;
  if (home) drawHome();
  else drawList($("messages"), state.messages.filter((m) => !m.thread_ts || m.thread_ts === m.ts || m.broadcast || m.ephemeral), false);
  if ($("messages").dataset.channel !== state.channel) {
    $("messages").dataset.channel = state.channel;
    toEnd();
  } else if (atEnd) toEnd();
  $("jump").hidden = home || nearEnd();
  drawThread();
  if (atEnd) toEnd(); // the thread beside it may have made it narrower
  drawModal();
  if (wantReveal && state.messages.length) { const ts = wantReveal; wantReveal = ""; history.replaceState(null, "", "#" + state.channel + (state.thread ? "//" + state.thread : "")); reveal(ts); }
  read();
}

const nearEnd = () => { const s = $("scroller"); return s.scrollHeight - s.scrollTop - s.clientHeight < 60; };
const toEnd = () => { $("scroller").scrollTop = $("scroller").scrollHeight; };

function read() {
  const c = channelOf(state.channel);
  if (c?.unread && document.visibilityState === "visible") act({ do: "read", channel: c.id });
}

function drawPersona() {
  const people = state.users.filter((u) => !u.bot && !u.deleted);
  const sel = $("persona"), sig = JSON.stringify(people);
  if (sel._sig !== sig) {
    sel._sig = sig;
    sel.replaceChildren(...people.map((u) => h("option", { value: u.id }, u.real_name + (u.external ? " (external)" : u.guest ? " (guest)" : ""))));
  }
  sel.value = state.me;
}

function drawNav() {
  const part = (title, list) => (list.length ? [{ key: "title " + title, title }, ...list.map((c) => ({ key: c.id, c, on: c.id === state.channel }))] : []);
  const mine = state.channels.filter((c) => !c.im && !c.mpim && c.member && !c.archived);
  const rows = [
    ...part("Channels", mine),
    ...part("Direct messages", state.channels.filter((c) => c.im || c.mpim)),
    ...(state.home ? [{ key: "title App", title: "Apps" }, { key: "home", home: true, on: state.channel === "home" }] : []),
    ...part("More channels", state.channels.filter((c) => !c.im && !c.mpim && (!c.member || c.archived))),
  ];
  keep($("channels"), rows, (r) => r.key, (r) => JSON.stringify([r, r.c && channelLabel(r.c), state.users.length]), navRow);
  keep($("links"), state.links.length ? [{ title: "", key: "head" }, ...state.links] : [], (l) => l.key || l.title + l.url, JSON.stringify, (l) => (l.key
    ? h("h2", {}, "Where to look")
    : h("a", { class: "where", href: l.url, target: "_blank", rel: "noopener" }, h("strong", {}, l.title), h("span", {}, l.description))));
}

function navRow(r) {
  if (r.title) return h("h2", {}, r.title);
  const attrs = (hash, name) => ({ href: "#" + hash, class: "row" + (r.on ? " on" : ""), "aria-current": r.on ? "page" : null, data: { channel: name }, onclick: (e) => { e.preventDefault(); go(hash); } });
  if (r.home) return h("a", attrs("home", "home"), avatar(userOf(state.bot) || state.bot), h("span", { class: "label" }, "App home"));
  const c = r.c, a = attrs(c.id, c.im ? userOf(c.with)?.name || c.with : c.name);
  if (c.unread) a.class += " unread";
  if (c.archived) a.class += " archived";
  return h("a", a,
    c.im ? avatar(userOf(c.with) || c.with) : h("span", { class: "sign", "aria-hidden": "true" }, c.private ? icon("lock") : "#"),
    h("span", { class: "label" }, channelLabel(c)),
    c.unread ? h("span", { class: "count", "aria-label": c.unread + " unread" }, c.unread) : null);
}

function drawHead() {
  const c = channelOf(state.channel);
  const home = state.channel === "home";
  $("title").replaceChildren(...(home ? ["App home"] : !c ? [] : c.im || c.mpim ? [channelLabel(c)] : c.private ? [icon("lock"), " " + channelLabel(c)] : ["# " + channelLabel(c)]));
  $("topic").replaceChildren(...(c ? mrkdwn(c.topic || c.purpose) : []));
  $("topic").title = $("topic").textContent;
  $("members").textContent = c && !c.im ? c.members.length + (c.members.length === 1 ? " member" : " members") : "";
  $("members").title = c ? c.members.map((m) => userOf(m)?.real_name || m).join(", ") : "";
  $("global-shortcuts").hidden = !state.shortcuts.some((s) => s.global);
  keep($("bookmarks"), c?.bookmarks || [], (b) => b.id, JSON.stringify, (b) => h("li", {}, h("a", { href: b.link, target: "_blank", rel: "noopener noreferrer" }, mrkdwn(b.emoji ? b.emoji + " " : ""), b.emoji ? null : icon("link"), " " + b.title)));
  const pins = (c?.pins || []).map((ts) => state.messages.find((m) => m.ts === ts)).filter(Boolean);
  keep($("pins"), pins, (m) => m.ts, (m) => JSON.stringify([m.text, m.blocks]), (m) => h("li", {}, h("button", { type: "button", class: "linkish", onclick: () => reveal(m.ts) }, icon("pin"), " " + excerpt(m))));
  const closed = home ? "" : !c ? "There is no channel yet." : c.archived ? "This channel is archived." : c.member ? "" : "You are looking at #" + c.name + ".";
  $("compose").hidden = home || !!closed;
  $("closed").hidden = !closed;
  $("closed-text").textContent = closed;
  $("join").hidden = !c || c.archived;
  placeholders(c && !c.im ? "#" + channelLabel(c) : c ? channelLabel(c) : "");
}

function drawHome() {
  const v = state.home, el = $("home"), sig = v ? v.hash : "none";
  if (el._sig === sig) return;
  el._sig = sig;
  const where = { prefix: "h", use: (match) => act({ do: "clickin", view: v.id, match }) };
  el.replaceChildren(...(v ? blocks(v.blocks, where) : [h("p", { class: "quiet" }, "The app has not published a home tab.")]));
}

function drawThread() {
  const open = !!state.thread && state.channel !== "home";
  $("thread").hidden = !open;
  document.body.classList.toggle("with-thread", open);
  if (!open) return;
  const list = state.messages.filter((m) => m.ts === state.thread || (m.thread_ts === state.thread && !(m.ephemeral && !m.thread_ts)));
  const s = $("thread-scroller"), end = s.scrollHeight - s.scrollTop - s.clientHeight < 60 || s.dataset.thread !== state.thread;
  drawList($("thread-messages"), list, true);
  if (end) s.scrollTop = s.scrollHeight;
  s.dataset.thread = state.thread;
}

/** listen keeps an event stream open; while it is down the page asks by itself. */
function listen() {
  let poll = 0;
  const es = new EventSource("_/stream");
  es.onmessage = () => { clearInterval(poll); poll = 0; refresh(); };
  es.onerror = () => { if (!poll) poll = setInterval(refresh, 5000); };
}

function start() {
  setPerform(async (what) => {
    try {
      const r = await post("_/act?user=" + encodeURIComponent(state.me), what);
      if (r.error) toast(r.error);
      await refresh();
      return r;
    } catch (e) {
      toast("That did not work: " + e.message);
      return { ok: false, error: e.message };
    }
  });
  state.me = new URLSearchParams(location.search).has("as") ? "" : sessionStorage.getItem("persona") || "";
  $("persona").addEventListener("change", (e) => { setMe(e.target.value); history.replaceState(null, "", location.pathname + location.hash); refresh(); });
  $("nav-toggle").addEventListener("click", () => $("nav-toggle").setAttribute("aria-expanded", String(document.body.classList.toggle("show-nav"))));
  $("thread-close").addEventListener("click", () => go(state.channel));
  $("skip").addEventListener("click", () => $("composer").focus());
  $("join").addEventListener("click", () => act({ do: "join", channel: state.channel }));
  $("jump").addEventListener("click", () => { toEnd(); $("jump").hidden = true; });
  $("scroller").addEventListener("scroll", () => { if (nearEnd()) $("jump").hidden = true; }, { passive: true });
  $("global-shortcuts").addEventListener("click", (e) => menu(e.currentTarget, state.shortcuts.filter((s) => s.global)
    .map((s) => ({ label: "⚡ " + s.name, run: () => act({ do: "shortcut", callback: s.callback_id }) }))));
  addEventListener("hashchange", () => { readHash(); if (state.channel === "home") act({ do: "home" }); refresh(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") refresh(); });
  composers();
  listen();
  refresh();
}

start();
