"use strict";
// A page that is written again while its training goes on: loads itself anew, and stays where the
// reader was. Not while somebody uses it.
(() => {
  const SECONDS = 5, AT_REST = 4;
  const key = "zerosum " + location.pathname;
  let store = null;
  try { store = window.sessionStorage; } catch { /* a browser may refuse it to files */ }
  const kept = store && JSON.parse(store.getItem(key) || "null");
  if (store) store.removeItem(key);
  if (kept) {
    for (const [id, value] of Object.entries(kept.sliders)) {
      const slider = document.getElementById(id);
      if (!slider) continue;
      slider.value = value;
      slider.dispatchEvent(new Event("input"));
    }
    window.scrollTo(kept.x, kept.y);
  }
  if (!document.body.hasAttribute("data-live")) return;
  let used = 0;
  for (const kind of ["pointermove", "pointerdown", "keydown", "wheel", "touchmove"]) {
    addEventListener(kind, () => { used = Date.now(); }, { passive: true });
  }
  setInterval(() => {
    if (document.hidden || Date.now() - used < AT_REST * 1000) return;
    if (String(getSelection()) || document.querySelector("dialog[open]")) return;
    // A slider that was left at the newest picture follows the training.
    const sliders = {};
    for (const slider of document.querySelectorAll("[data-frames] input")) {
      if (slider.value !== slider.max) sliders[slider.id] = slider.value;
    }
    if (store) store.setItem(key, JSON.stringify({ x: scrollX, y: scrollY, sliders }));
    location.reload();
  }, SECONDS * 1000);
})();
