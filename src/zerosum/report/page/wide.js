"use strict";
// What is wider than the screen says on which side it goes on; pictures open in a larger size.
for (const region of document.querySelectorAll(".scroll:not(.code)")) {
  const look = () => {
    const hidden = region.scrollWidth - region.clientWidth;
    const left = region.scrollLeft > 1, right = hidden - region.scrollLeft > 1;
    if (left || right) region.dataset.goesOn = left && right ? "both" : left ? "left" : "right";
    else delete region.dataset.goesOn;
  };
  region.addEventListener("scroll", look, { passive: true });
  const observer = new ResizeObserver(look);
  observer.observe(region);
  if (region.firstElementChild) observer.observe(region.firstElementChild);
}

(() => {
  const ENLARGED = 2; // times the size on the page, at least
  const open = (picture) => {
    const dialog = document.createElement("dialog"), close = document.createElement("button");
    const place = document.createElement("div"), large = picture.cloneNode();
    dialog.className = "opened";
    dialog.setAttribute("aria-label", picture.alt);
    close.textContent = "Close";
    place.tabIndex = 0;
    place.append(large);
    dialog.append(close, place);
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", () => dialog.close());
    dialog.showModal();
    const room = Math.min(place.clientWidth, place.clientHeight * picture.naturalWidth / picture.naturalHeight);
    large.style.width = `${Math.round(Math.max(picture.naturalWidth, room, ENLARGED * picture.clientWidth))}px`;
  };
  for (const shown of document.querySelectorAll("figure img:not(.stack img), .stack")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "open";
    shown.replaceWith(button);
    button.append(shown);
    button.addEventListener("click", () => open(button.querySelector("img:not([hidden])")));
  }
})();
