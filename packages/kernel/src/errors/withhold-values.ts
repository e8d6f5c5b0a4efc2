// A unique index tells the key that it refused; PostgreSQL tells the text that is no value of a type.
const quotedValues = [
  / dup key: .*$/s,
  /(?<=invalid input (?:syntax|value) for (?:type|enum) .*): ".*"$/s,
  /(?<=value) ".*"(?= is out of range)/s,
];

/** What a database says of a refusal, without the values that it quotes: they may be secret, and reasons are kept. */
export function withholdValues(message: string): string {
  return quotedValues.reduce((text, pattern) => text.replace(pattern, ''), message);
}
