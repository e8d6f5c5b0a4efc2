/** Milliseconds by what was asked and by size. */
export type GrowthTimes = Readonly<Record<string, readonly number[]>>;

const [width, rowHeight, left, right, top] = [860, 24, 330, 30, 70];
const colours = ['#9ecae1', '#4292c6', '#08306b'];

/** Draws what each list costs at each size: one row for each, on a logarithmic scale of milliseconds. */
export function drawGrowth(sizes: readonly number[], times: GrowthTimes): string {
  const rows = Object.entries(times);
  const values = rows.flatMap(([, taken]) => taken);
  const [least, most] = [
    Math.floor(Math.log10(Math.min(1, ...values))),
    Math.ceil(Math.log10(Math.max(10, ...values))),
  ];
  const placeOf = (value: number) =>
    left + ((Math.log10(value) - least) / (most - least)) * (width - left - right);
  const height = top + rows.length * rowHeight + 30;
  const bottom = top + rows.length * rowHeight;
  const decades = Array.from({ length: most - least + 1 }, (_, place) => 10 ** (least + place));
  const lines = decades.flatMap((value) => [
    `<line x1="${round(placeOf(value))}" y1="${top - 6}" x2="${round(placeOf(value))}" y2="${bottom}" stroke="#ddd"/>`,
    `<text x="${round(placeOf(value))}" y="${bottom + 18}" text-anchor="middle">${value} ms</text>`,
  ]);
  const legend = sizes.flatMap((size, place) => [
    `<circle cx="${left + place * 170}" cy="44" r="5" fill="${colourOf(place)}"/>`,
    `<text x="${left + 12 + place * 170}" y="48">${size.toLocaleString('en-GB')} changes</text>`,
  ]);
  const marks = rows.flatMap(([what, taken], row) => {
    const y = top + row * rowHeight + rowHeight / 2;
    const places = taken.map((value) => round(placeOf(value)));
    return [
      `<text x="${left - 12}" y="${y + 4}" text-anchor="end">${escape(what.replace('/api/v1', ''))}</text>`,
      `<line x1="${Math.min(...places)}" y1="${y}" x2="${Math.max(...places)}" y2="${y}" stroke="#bbb"/>`,
      ...places.map((x, place) => `<circle cx="${x}" cy="${y}" r="5" fill="${colourOf(place)}"/>`),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="20" y="24" font-size="15">What a first page costs as the store fills (embedded engine, medians)</text>`,
    ...legend,
    ...lines,
    ...marks,
    '</svg>',
    '',
  ].join('\n');
}

function colourOf(place: number): string {
  return colours[place % colours.length]!;
}

function round(value: number): number {
  return Number(value.toFixed(1));
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
