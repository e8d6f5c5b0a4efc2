/** Where windows may begin, in order: what terms are mostly made of. Terms with other characters lie between these. */
const marks = ' -./0123456789_abcdefghijklmnopqrstuvwxyz~';
const places = 7;

/** How many places a line of terms with a given beginning has, told apart by the characters that follow it. */
export const termsOnLine = marks.length ** places;

/** The term that begins a place of the line; some terms may lie behind the last place. */
export function termAt(prefix: string, place: number): string {
  let rest = Math.floor(place);
  let suffix = '';
  for (let count = 0; count < places; count += 1) {
    suffix = marks.charAt(rest % marks.length) + suffix;
    rest = Math.floor(rest / marks.length);
  }
  return prefix + suffix;
}

/** The first place that begins behind a term of that beginning. */
export function placeBehind(prefix: string, term: string): number {
  let [low, high] = [0, termsOnLine];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (termAt(prefix, middle) > term) high = middle;
    else low = middle + 1;
  }
  return low;
}
