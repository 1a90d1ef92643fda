/* Asks every other second whether a call is at this desk; an idle desk opens it, another one offers it. */
const ring = document.getElementById("ring");

async function listen() {
  if (document.hidden) return;
  try {
    const answer = await fetch(ring.dataset.ring, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    const call = await answer.json();
    if (!call.url) return;
    if (ring.dataset.idle && !document.getElementById("q").value) {
      location.assign(call.url);
    } else if (!ring.querySelector("a")) {
      const link = document.createElement("a");
      link.href = call.url;
      link.textContent = `${ring.dataset.says} ${call.caller}`;
      ring.append(link);
    }
  } catch {
    /* The next one may get through. */
  }
}

listen();
setInterval(listen, 2000);
