// While the incident is played, the parts that change are fetched every second.
// What did not change stays, so that what somebody is about to copy does, too.
const playing = () => document.getElementById("state").dataset.over === "false";

async function refresh() {
  try {
    const r = await fetch("/demo/now");
    if (r.ok) {
      const fresh = new DOMParser().parseFromString(await r.text(), "text/html");
      for (const id of ["state", "look", "story"]) {
        const was = document.getElementById(id), is = fresh.getElementById(id);
        if (is && was.outerHTML !== is.outerHTML && !was.contains(document.activeElement)) was.replaceWith(is);
      }
    }
  } catch {
    // the demo has ended; the page stays as it is
  }
  if (playing()) setTimeout(refresh, 1000);
}

if (playing()) setTimeout(refresh, 1000);
