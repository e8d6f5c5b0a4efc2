const fence = /^ {0,3}(`{3,}|~{3,})/;
const quote = /^ {0,3}>/;

/**
 * A text without what it only shows: code blocks and spans, and quoted lines, as Markdown has them. What others wrote
 * there addresses nobody.
 */
export function stripCodeAndQuotes(text: string): string {
  const kept: string[] = [];
  let open: string | undefined;
  for (const line of text.split('\n')) {
    const [, marks] = fence.exec(line) ?? [];
    // Marks that close on their own line are a span.
    const opens = marks !== undefined && !line.slice(line.indexOf(marks) + marks.length).includes(marks);
    if (open !== undefined) {
      if (marks?.startsWith(open) && line.trim() === marks) open = undefined;
    } else if (opens) open = marks;
    else kept.push(quote.test(line) ? '' : line);
  }
  return stripSpans(kept.join('\n'));
}

/** Takes out what stands between two equally long runs of backticks; a run without a partner is plain text. */
function stripSpans(text: string): string {
  const runs = [...text.matchAll(/`+/g)];
  const places = new Map<number, number[]>();
  // From the end, so that the next of a length is the last of its list.
  for (let place = runs.length - 1; place >= 0; place -= 1) {
    const { length } = runs[place]![0];
    const same = places.get(length);
    if (same) same.push(place);
    else places.set(length, [place]);
  }
  let [kept, end, place] = ['', 0, 0];
  while (place < runs.length) {
    const { 0: marks, index } = runs[place]!;
    const same = places.get(marks.length) ?? [];
    while (same.length > 0 && same.at(-1)! <= place) same.pop();
    const partner = same.at(-1);
    if (partner === undefined) place += 1;
    else {
      kept += `${text.slice(end, index)} `;
      end = runs[partner]!.index + marks.length;
      place = partner + 1;
    }
  }
  return kept + text.slice(end);
}
