"use strict";
// Curves as SVG, from the JSON beside each. Point at one, or use the arrow keys, to read values.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const HEIGHT = 250, LEFT = 46, RIGHT = 14, TOP = 12, BOTTOM = 40, PHASE = 16;
  const MARKERS = ["circle", "square", "triangle", "diamond"];
  const PAPER = 340; // half the width of a sheet, so that letters keep their size
  const MARKED = 10; // markers on a curve, about

  const short = (value) =>
    Math.abs(value) >= 1e4 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(4));

  const ruler = document.createElement("canvas").getContext("2d");

  const element = (name, attributes, parent) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (parent) parent.append(made);
    return made;
  };

  const marker = (kind, x, y, size) => {
    const r = size, at = `${x} ${y}`;
    if (kind === "circle") return `M${at}m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
    if (kind === "square") return `M${at}m${-r} ${-r}h${2 * r}v${2 * r}h${-2 * r}z`;
    if (kind === "triangle") return `M${at}m0 ${-1.2 * r}l${1.2 * r} ${2.1 * r}h${-2.4 * r}z`;
    return `M${at}m0 ${-1.35 * r}l${1.35 * r} ${1.35 * r}l${-1.35 * r} ${1.35 * r}l${-1.35 * r} ${-1.35 * r}z`;
  };

  const look = (one) => `look-${one.look ?? "others"}`;
  const shape = (one) => one.rings ? "circle" : MARKERS[(one.look ?? 0) % MARKERS.length];
  const dress = (one) => `${one.rings ? "ring" : "mark"} ${look(one)}`;
  const across = (level) => level.look === null ? "level" : `line ${look(level)}`;

  // A polyline that is broken where a value is missing.
  const path = (xs, ys, x, y) => {
    let text = "", pen = false;
    xs.forEach((at, place) => {
      const value = ys[place];
      if (value === null) { pen = false; return; }
      text += `${pen ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = true;
    });
    return text;
  };

  const swatch = (one, style) => {
    const svg = element("svg", { width: 34, height: 12, viewBox: "0 0 34 12", "aria-hidden": "true" });
    if (style) element("path", { d: "M1 6H33", class: style }, svg);
    if (one) element("path", { d: marker(shape(one), 17, 6, 4), class: dress(one) }, svg);
    return svg;
  };

  function legend(figure, chart) {
    const list = document.createElement("ul");
    list.className = "legend";
    const add = (svg, label) => {
      const item = document.createElement("li"), value = document.createElement("b");
      item.append(svg, document.createTextNode(label + " "), value);
      list.append(item);
      return value;
    };
    // Curves of one label stand there once: as the first of them looks, with the values of all.
    const values = new Map();
    for (const one of chart.series) {
      if (!values.has(one.label)) values.set(one.label, add(swatch(one, one.line && `line ${look(one)}`), one.label));
    }
    for (const level of chart.levels) add(swatch(null, across(level)), level.label).textContent = level.text;
    figure.querySelector("[data-plot]").before(list);
    return values;
  }

  function draw(plot, chart, room = plot.clientWidth) {
    const width = Math.max(260, Math.round(room));
    const top = TOP + (chart.phases.length ? PHASE : 0);
    const [low, high] = chart.limits, [first, last] = chart.x_limits;
    ruler.font = `12px ${getComputedStyle(plot).fontFamily}`; // as page.css has it
    const left = Math.max(LEFT, ...chart.ticks.map(([, name]) => Math.ceil(ruler.measureText(name).width) + 10));
    const along = chart.x_log ? Math.log10 : (value) => value;
    const x = (at) => left + (along(at) - along(first)) / (along(last) - along(first)) * (width - left - RIGHT);
    const scale = chart.log ? Math.log10 : (value) => value;
    const y = (value) => {
      const at = chart.log && value <= 0 ? low : value;
      return HEIGHT - BOTTOM - (scale(at) - scale(low)) / (scale(high) - scale(low)) * (HEIGHT - BOTTOM - top);
    };
    const svg = element("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": "true" });
    const clip = `clip-${chart.key}`;
    element("rect", { x: left, y: top - 1, width: width - left - RIGHT + 6, height: HEIGHT - BOTTOM - top + 2 },
      element("clipPath", { id: clip }, element("defs", {}, svg)));
    const text = (words, attributes) => { element("text", attributes, svg).textContent = words; };
    for (const [at, name] of chart.ticks) {
      element("path", { d: `M${left} ${y(at).toFixed(1)}H${width - RIGHT}`, class: "grid" }, svg);
      text(name, { x: left - 7, y: y(at) + 4, "text-anchor": "end", class: "value" });
    }
    let free = 0; // names do not stand on each other
    for (const [at, name] of chart.x_ticks) {
      element("path", { d: `M${x(at).toFixed(1)} ${HEIGHT - BOTTOM}v5`, class: "tick" }, svg);
      const half = 3.4 * name.length;
      if (x(at) - half < free) continue;
      free = x(at) + half + 4;
      text(name, { x: Math.min(x(at), Math.max(width - half, left)), y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" });
    }
    text(chart.x_label, { x: left + (width - left - RIGHT) / 2, y: HEIGHT - 5, "text-anchor": "middle" });
    element("path", { d: `M${left} ${top}V${HEIGHT - BOTTOM}H${width - RIGHT}`, class: "axis" }, svg);
    chart.phases.forEach((phase, place) => {
      if (place) element("path", { d: `M${x(phase.begin).toFixed(1)} ${top - 4}V${HEIGHT - BOTTOM}`, class: "border" }, svg);
      // A name stands only where its phase is as wide.
      const end = place + 1 < chart.phases.length ? phase.end : last;
      if (x(end) - x(phase.begin) > 6.6 * phase.name.length) {
        text(phase.name, { x: (x(phase.begin) + x(end)) / 2, y: top - 6, "text-anchor": "middle" });
      }
    });
    const inside = element("g", { "clip-path": `url(#${clip})` }, svg);
    for (const level of chart.levels) {
      element("path", { d: `M${left} ${y(level.value).toFixed(1)}H${width - RIGHT}`, class: across(level) }, inside);
    }
    for (const one of chart.series) {
      if (one.raw_x.length) element("path", { d: path(one.raw_x, one.raw_y, x, y), class: `raw ${look(one)}` }, inside);
    }
    for (const one of chart.series) {
      if (one.line) element("path", { d: path(one.x, one.y, x, y), class: `line ${look(one)}` }, inside);
      one.error.forEach((error, at) => {
        if (!error || one.y[at] === null) return;
        const where = x(one.x[at]), top = y(one.y[at] + error), foot = y(one.y[at] - error);
        element("path", { d: `M${where - 4} ${top}h8M${where} ${top}V${foot}M${where - 4} ${foot}h8`, class: `error ${look(one)}` }, inside);
      });
      const every = one.line && one.error.length === 0 ? Math.max(1, Math.round(one.x.length / MARKED)) : 1;
      one.x.forEach((at, place) => {
        const alone = one.y[place - 1] == null && one.y[place + 1] == null;
        if (one.y[place] === null || (place % every && !alone)) return;
        element("path", { d: marker(shape(one), +x(at).toFixed(1), +y(one.y[place]).toFixed(1), one.line || one.rings ? 3.4 : 5), class: dress(one) }, svg);
      });
    }
    for (const at of chart.lost) {
      element("path", { d: `M${x(at) - 4} ${top}l8 8m0 -8l-8 8`, class: "lost" }, svg);
    }
    const cursor = element("g", { class: "cursor", visibility: "hidden" }, svg);
    plot.querySelector("svg")?.remove();
    plot.append(svg);
    return { svg, cursor, x, y, top, width };
  }

  for (const figure of document.querySelectorAll("[data-chart]")) {
    const chart = JSON.parse(figure.querySelector("script").textContent);
    const plot = figure.querySelector("[data-plot]"), reading = figure.querySelector("[data-reading]");
    const stops = [...new Set(chart.series.flatMap((one) => one.x.filter((_, at) => one.y[at] !== null)))]
      .sort((a, b) => a - b);
    const values = legend(figure, chart);
    let drawn = draw(plot, chart), chosen = stops.length - 1;

    // The value of a curve at a stop, or at its own point that is nearest.
    const nearest = (one, at) => {
      let best = -1;
      one.x.forEach((where, place) => {
        if (one.y[place] === null) return;
        if (best < 0 || Math.abs(where - at) < Math.abs(one.x[best] - at)) best = place;
      });
      if (!chart.x_unit) return best >= 0 && one.x[best] === at ? best : -1;
      const gap = (places) => places.length > 1 ? (places.at(-1) - places[0]) / (places.length - 1) : 0;
      const step = stops.length > 1 ? Math.max(gap(stops), one.line ? gap(one.x) : 0) : Infinity;
      return best >= 0 && Math.abs(one.x[best] - at) <= step * 1.01 ? best : -1;
    };

    // Values in words, which came with them: all of a few, of many the lowest and the highest.
    const told = (found) => {
      if (!found.length) return "–";
      if (found.length < 5) return found.map(([, text]) => text).join(", ");
      const sorted = [...found].sort(([one], [other]) => one - other);
      return `${sorted[0][1]} to ${sorted.at(-1)[1]}`;
    };
    const nothing = () => new Map([...values.keys()].map((label) => [label, []]));

    const position = (at) => {
      const named = chart.x_ticks.find(([tick]) => tick === at);
      if (!chart.x_unit) return `at ${chart.x_label} ${named ? named[1] : short(at)}`;
      const phase = chart.phases.find((one) => at > one.begin && at <= one.end);
      const place = chart.x_unit === "images" ? Math.round(at).toLocaleString("en") : short(at);
      return `at ${place} ${chart.x_unit}${phase ? `, ${phase.name}` : ""}`;
    };

    const read = (pointed) => {
      if (!stops.length) { reading.textContent = "no value is finite"; return; }
      const at = stops[chosen], where = position(at), found = nothing();
      drawn.cursor.replaceChildren();
      element("path", { d: `M${drawn.x(at)} ${drawn.top}V${HEIGHT - BOTTOM}` }, drawn.cursor);
      for (const one of chart.series) {
        const place = nearest(one, at);
        if (place < 0) continue;
        // Values of their own may stand above each other.
        const points = one.line ? [place] : one.x.map((_, other) => other).filter((other) => one.x[other] === one.x[place]);
        for (const point of points) {
          const value = one.y[point];
          if (value === null) continue;
          found.get(one.label).push([value, one.texts[point]]);
          if (value < chart.limits[0] || value > chart.limits[1]) continue;
          element("path", { d: marker(shape(one), drawn.x(one.x[point]), drawn.y(value), 5), class: dress(one) }, drawn.cursor);
        }
      }
      for (const [label, own] of found) values.get(label).textContent = told(own);
      reading.textContent = where;
      drawn.cursor.setAttribute("visibility", pointed ? "visible" : "hidden");
      plot.setAttribute("aria-valuenow", chosen);
      plot.setAttribute("aria-valuetext", `${where}: ${[...found].map(([label, own]) => `${label} ${told(own)}`).join(", ")}`);
    };

    // While nobody points at anything: the newest values, of all curves where the chart wants that.
    const still = () => {
      read(false);
      if (!chart.at_rest || !stops.length) return;
      const found = nothing();
      for (const one of chart.series) {
        const last = one.y.findLastIndex((value) => value !== null);
        // A result takes the place of the curve that led to it.
        const result = chart.series.some((other) => other.label === one.label && !other.line);
        const text = one.newest ?? one.texts[last];
        if (text && !(one.line && result)) found.get(one.label).push([one.y[last], text]);
      }
      for (const [label, own] of found) values.get(label).textContent = told(own);
      reading.textContent = chart.at_rest;
    };

    const rest = () => {
      chosen = stops.length - 1;
      if (document.activeElement === plot) read(true);
      else still();
    };
    for (const [name, value] of Object.entries({
      role: "slider", tabindex: "0", "aria-label": `${chart.title}: values along the curve`,
      "aria-valuemin": 0, "aria-valuemax": Math.max(0, stops.length - 1),
    })) plot.setAttribute(name, value);
    const point = (event) => {
      if (!stops.length) return;
      const box = drawn.svg.getBoundingClientRect();
      const pixel = (event.clientX - box.left) * drawn.width / box.width;
      chosen = stops.reduce((best, at, place) =>
        Math.abs(drawn.x(at) - pixel) < Math.abs(drawn.x(stops[best]) - pixel) ? place : best, 0);
      read(true);
    };
    plot.addEventListener("pointermove", point);
    plot.addEventListener("pointerdown", point);
    plot.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") rest(); });
    plot.addEventListener("focus", () => read(true));
    plot.addEventListener("blur", still);
    plot.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -1e9, End: 1e9 };
      if (!(event.key in steps) || !stops.length) return;
      event.preventDefault();
      chosen = Math.min(stops.length - 1, Math.max(0, chosen + steps[event.key]));
      read(true);
    });
    still();
    let width = plot.clientWidth;
    const again = (room) => { drawn = draw(plot, chart, room); still(); };
    new ResizeObserver(() => {
      if (plot.clientWidth === width) return;
      width = plot.clientWidth;
      again(width);
    }).observe(plot);
    addEventListener("beforeprint", () => again(PAPER));
    addEventListener("afterprint", () => again(plot.clientWidth));
  }
})();
