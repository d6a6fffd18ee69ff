// The emoji that incident messages use, by Slack's names.
export const known = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", eyes: "👀", white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️",
  x: "❌", no_entry: "⛔", no_entry_sign: "🚫", warning: "⚠️", rotating_light: "🚨", fire: "🔥", fire_engine: "🚒", boom: "💥", bell: "🔔", no_bell: "🔕",
  mega: "📣", loudspeaker: "📢", pushpin: "📌", round_pushpin: "📍", memo: "📝", pencil: "✏️", pencil2: "✏️", spiral_note_pad: "🗒️", clipboard: "📋", book: "📖",
  bookmark: "🔖", link: "🔗", globe_with_meridians: "🌐", globe: "🌐", earth_americas: "🌎", earth_africa: "🌍", chart_with_upwards_trend: "📈",
  chart_with_downwards_trend: "📉", bar_chart: "📊", hourglass: "⌛", hourglass_flowing_sand: "⏳", clock1: "🕐", stopwatch: "⏱️", alarm_clock: "⏰", calendar: "📅", date: "📅",
  telephone_receiver: "📞", phone: "☎️", pager: "📟", computer: "💻", gear: "⚙️", wrench: "🔧", hammer: "🔨", hammer_and_wrench: "🛠️", toolbox: "🧰", package: "📦", rocket: "🚀",
  rewind: "⏪", leftwards_arrow_with_hook: "↩️", arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", repeat: "🔁", arrows_counterclockwise: "🔄",
  snowflake: "❄️", lock: "🔒", unlock: "🔓", key: "🔑", shield: "🛡️", mag: "🔍", bulb: "💡", speech_balloon: "💬", thought_balloon: "💭", busts_in_silhouette: "👥",
  bust_in_silhouette: "👤", wave: "👋", raised_hands: "🙌", clap: "👏", pray: "🙏", raised_hand: "✋", handshake: "🤝", muscle: "💪", tada: "🎉", heart: "❤️", star: "⭐", "100": "💯",
  red_circle: "🔴", large_orange_circle: "🟠", orange_circle: "🟠", large_yellow_circle: "🟡", yellow_circle: "🟡", large_green_circle: "🟢", green_circle: "🟢",
  large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", large_red_square: "🟥", large_green_square: "🟩", large_yellow_square: "🟨", large_orange_square: "🟧",
  one: "1️⃣", two: "2️⃣", three: "3️⃣", question: "❓", exclamation: "❗", information_source: "ℹ️", new: "🆕", sos: "🆘", construction: "🚧", checkered_flag: "🏁", crown: "👑",
  firefighter: "🧑‍🚒", detective: "🕵️", robot_face: "🤖", smile: "😄", smiley: "😃", slightly_smiling_face: "🙂", thinking_face: "🤔", sweat_smile: "😅", cry: "😢", zzz: "💤", point_right: "👉",
  small_red_triangle: "🔺", heavy_plus_sign: "➕", heavy_minus_sign: "➖", put_litter_in_its_place: "🚮", wastebasket: "🗑️", inbox_tray: "📥", outbox_tray: "📤", email: "📧", ticket: "🎫", test_tube: "🧪",
};

/** drawn tells whether there is a font for them: without one, two different emoji look the same. */
const drawn = (() => {
  const pixels = (text) => {
    const c = document.createElement("canvas");
    c.width = c.height = 24;
    const x = c.getContext("2d");
    x.font = "18px sans-serif";
    x.fillText(text, 1, 19);
    return x.getImageData(0, 0, 24, 24).data.join();
  };
  return pixels("👀") !== pixels("🚨");
})();

/** emoji is a picture, or the name as it is typed where there is no font for pictures. */
export const emoji = new Proxy(known, { get: (all, name) => (all[name] && !drawn ? ":" + name + ":" : all[name]) });
