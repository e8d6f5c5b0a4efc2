import libmime from 'libmime';

/** A name for the part of a mail that came without one: its place, and the extension of its type. */
export function nameFile({ contentType }: { readonly contentType: string }, place: number): string {
  const type = contentType.toLowerCase();
  return type.endsWith('ms-tnef') ? 'winmail.dat' : `file-${place}.${libmime.detectExtension(type)}`;
}
