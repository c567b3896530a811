/** A moment of the last day on which an answer is in time; `due` is the first second at which it is late. */
export const lastDay = (due: number): number => due - 1;
