"use strict";
// Where the axes of a chart begin and end, where their ticks stand, and what these are called.
const scales = (() => {
  const short = (value) => {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(2).replace("-", "−");
    const text = size >= 1e4 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(4));
    return text.replace("-", "−");
  };

  const counted = (value) => { // 12,500 as 12.5k
    for (const [size, letter] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
      if (Math.abs(value) >= size) return +(value / size).toPrecision(4) + letter;
    }
    return String(+value.toPrecision(4));
  };

  // Round numbers from low to high, `count` of them or somewhat more.
  const ticks = (low, high, count) => {
    const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [5, 2, 1].find((part) => part * power <= rough * 1.001);
    const found = [];
    for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) {
      found.push(+(at * step).toPrecision(12));
    }
    return found;
  };

  // What evenly spaced ticks are called: each with as many digits as tell it from the next.
  const stepped = (marks) => {
    const size = Math.max(...marks.map(Math.abs));
    const step = marks.length > 1 ? marks[1] - marks[0] : size;
    const place = (value) => Math.floor(Math.log10(value) + 1e-9);
    const large = size >= 1e6 || size < 1e-3;
    return marks.map((at) => {
      if (at === 0) return "0";
      const text = large ? at.toExponential(Math.max(0, place(Math.abs(at)) - place(step)))
        : at.toLocaleString("en", { minimumFractionDigits: Math.max(0, -place(step)), maximumFractionDigits: Math.max(0, -place(step)) });
      return text.replaceAll("-", "−");
    });
  };

  const powers = (low, high) => { // ticks of a logarithmic axis
    const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
    const step = Math.max(1, Math.ceil((last - first) / 6)), found = [];
    for (let at = first; at <= last; at += step) found.push(10 ** at);
    if (found.length > 2) return found;
    const more = []; // too few: twos and fives as well
    for (let at = first - 1; at <= last; at++) more.push(...[1, 2, 5].map((part) => part * 10 ** at));
    return more.map((at) => +at.toPrecision(12)).filter((at) => at >= low * 0.999 && at <= high * 1.001);
  };

  const limits = (chart) => {
    const values = chart.levels.map((level) => level.value);
    for (const one of chart.series) {
      const errors = one.error.length ? one.error : one.y.map(() => 0);
      one.y.forEach((value, at) => {
        if (value !== null) values.push(value - (errors[at] || 0), value + (errors[at] || 0));
      });
      values.push(...one.raw_y.filter((value) => value !== null));
    }
    const used = chart.log ? values.filter((value) => value > 0) : values;
    if (!used.length) return chart.log ? [1, 10] : [chart.low ?? 0, chart.high ?? 1];
    let low = chart.low ?? Math.min(...used), high = chart.high ?? Math.max(...used);
    if (chart.log) return low === high ? [low / 2, high * 2] : [low / 1.15, high * 1.15];
    if (low === high) [low, high] = [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
    const margin = 0.05 * (high - low);
    return [chart.low === null ? low - margin : low - margin / 2,
            chart.high === null ? high + margin : high + margin / 2];
  };

  // Where the x axis begins and ends: with a unit at 0, else beside the values of its axis.
  const ends = (chart, all) => {
    if (chart.x_unit) {
      const first = chart.phases.length || !all.length ? 0 : Math.min(0, ...all);
      return [first, Math.max(0, ...all) * 1.01 || 1];
    }
    const used = all.concat(chart.x_ticks);
    if (!used.length) return [1, 2];
    const low = Math.min(...used), high = Math.max(...used);
    if (chart.x_log) {
      const margin = low === high ? 2 : (high / low) ** 0.06;
      return [low / margin, high * margin];
    }
    const margin = 0.06 * (high - low) || 1;
    return [low - margin, high + margin];
  };

  return { short, counted, ticks, stepped, powers, limits, ends };
})();
