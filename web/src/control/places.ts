const TURN = 45;

/** The newest of each name. */
export function newest<T extends { time: number }>(all: readonly T[], name: (one: T) => string): T[] {
  const found = new Map<string, T>();
  for (const one of all) {
    const before = found.get(name(one));
    if (!before || before.time <= one.time) found.set(name(one), one);
  }
  return [...found.values()];
}

/** The strongest way: its degrees from the ground's X towards its Y, and its share in per cent. */
export function mostly(ways: readonly number[]): { degrees: number; share: number } | null {
  const most = Math.max(...ways, 0);
  return most > 0 ? { degrees: ways.indexOf(most) * TURN, share: Math.round(most * 100) } : null;
}
