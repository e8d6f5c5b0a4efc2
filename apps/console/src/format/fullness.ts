export interface Fullness {
  /** Share of the expected size, 0 to 100. */
  readonly percent: number;
  readonly overWarning: boolean;
}

/** How far a collection has filled the size that its policy expects. */
export function measureFullness(sizes: {
  readonly size_bytes: number;
  readonly expected_bytes: number;
  readonly warn_bytes: number;
}): Fullness {
  const share = sizes.expected_bytes > 0 ? sizes.size_bytes / sizes.expected_bytes : 0;
  return { percent: Math.min(100, share * 100), overWarning: sizes.size_bytes > sizes.warn_bytes };
}
