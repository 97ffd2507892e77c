"use strict";
// Sliders through pictures: shows one of a stack. On paper the stylesheet shows the last, and
// nothing is folded: paper does not unfold.
{
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of closed) each.open = false; });
}
for (const figure of document.querySelectorAll("[data-frames]")) {
  const slider = figure.querySelector("input");
  if (!slider) continue;
  const pictures = figure.querySelectorAll("img");
  const labels = JSON.parse(slider.dataset.labels);
  const told = figure.querySelector("output");
  const show = () => {
    const chosen = Number(slider.value);
    pictures.forEach((picture, place) => { picture.hidden = place !== chosen; });
    told.textContent = labels[chosen];
    slider.setAttribute("aria-valuetext", labels[chosen]);
  };
  slider.addEventListener("input", show);
  show();
}
