/** The conditions that were given: those without a value are left out of a filter. */
export function given<Conditions extends object>(conditions: Conditions): Partial<Conditions> {
  return Object.fromEntries(
    Object.entries(conditions).filter(([, value]) => value !== undefined),
  ) as Partial<Conditions>;
}
