const firstCharacter = 0x20;
const characters = 95;
const places = 4;

/** How many terms with a given beginning a line of numbers tells apart: by four characters of printable ASCII. */
export const termsOnLine = characters ** places;

/** The beginning that a number stands for; what other characters begin lies behind the last. */
export function termAt(prefix: string, number: number): string {
  let rest = Math.floor(number);
  let suffix = '';
  for (let place = 0; place < places; place += 1) {
    suffix = String.fromCharCode(firstCharacter + (rest % characters)) + suffix;
    rest = Math.floor(rest / characters);
  }
  return prefix + suffix;
}
