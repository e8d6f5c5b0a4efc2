type Leaf =
  string | number | boolean | bigint | symbol | null | undefined | Date | Uint8Array | { _bsontype: string };
type IsOpen<T> = string extends keyof T ? true : false;

/** Dotted paths of the stored fields of `T`, three levels deep; an open object (`Record<string, …>`) takes any key. */
export type FieldPath<T, Depth extends 0[] = []> = Depth['length'] extends 3
  ? never
  : {
      [K in keyof T & string]: T[K] extends (...parameters: never[]) => unknown
        ? never
        : K | SubPath<K, Element<NonNullable<T[K]>>, [...Depth, 0]>;
    }[keyof T & string];

type Element<T> = T extends readonly (infer Item)[] ? NonNullable<Item> : T;

type SubPath<K extends string, T, Depth extends 0[]> = T extends Leaf
  ? never
  : unknown extends T
    ? `${K}.${string}`
    : IsOpen<T> extends true
      ? `${K}.${string}`
      : `${K}.${FieldPath<T, Depth>}`;

/** Names of the fields of `T` that hold a date. */
export type DateField<T> = {
  [K in keyof T & string]: NonNullable<T[K]> extends Date ? K : never;
}[keyof T & string];
