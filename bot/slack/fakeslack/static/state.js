// What the tab knows of the workspace. app.js fills it; everything else reads.

export const state = {
  me: "", channel: "", thread: "", users: [], groups: [], channels: [], shortcuts: [], links: [], views: [], home: null,
  messages: [], command: "/incident", aliases: [], bot: "", team: "",
};

export const userOf = (id) => state.users.find((u) => u.id === id);

export const userName = (id) => userOf(id)?.real_name || userOf(id)?.name || id;

export const channelOf = (id) => state.channels.find((c) => c.id === id);

export function channelLabel(c) {
  return c.im ? userName(c.with) : c.mpim ? c.members.filter((m) => m !== state.me).map(userName).join(", ") : c.name;
}

let perform = async () => ({});

/** setPerform gives the function that sends what the person does. */
export function setPerform(f) { perform = f; }

/** act does something as the person of the tab; it resolves to {ok, error, errors}. */
export const act = (what) => perform(what);
