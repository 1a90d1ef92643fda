"use strict";
// A part of the page that brings itself up to date every so many seconds; without this script there is the link.
for (const part of document.querySelectorAll("[data-every]"))
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
    if (fresh) part.replaceChildren(...fresh.childNodes);
    else location.reload();
  }, 1000 * Number(part.dataset.every));
