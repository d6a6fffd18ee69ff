// The page is drawn by the server. This fetches it again every second and
// changes what differs; what is typed below stays.
const pause = 1000;

async function look() {
  try {
    const answer = await fetch(location.href);
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ["live", "clock"]) become(document.getElementById(id), fresh.getElementById(id));
    }
    document.body.classList.remove("lost");
  } catch {
    document.body.classList.add("lost"); // the system is down; it may come back
  }
}

async function follow() {
  await look();
  setTimeout(follow, pause);
}

// become makes one node like another and leaves alone what is alike: a button
// that was replaced while somebody presses it would lose the click.
function become(old, fresh) {
  if (old.nodeName !== fresh.nodeName || old.childNodes.length !== fresh.childNodes.length) {
    old.replaceWith(document.importNode(fresh, true));
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const pairs = [...old.childNodes].map((node, k) => [node, fresh.childNodes[k]]);
  for (const [a, b] of pairs) become(a, b);
}

// Who one is stays when one follows a link.
const as = document.getElementById("as");
as?.addEventListener("change", () => {
  const here = new URL(location.href);
  here.searchParams.set("as", as.value);
  history.replaceState(null, "", here);
  look();
});

setTimeout(follow, pause);
