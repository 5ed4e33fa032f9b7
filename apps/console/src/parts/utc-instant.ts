/** The instant of an `<input type="datetime-local">` that is read as UTC; null when it is empty. */
export const instantOfUtc = (text: string): string | null => (text === '' ? null : `${text.slice(0, 16)}:00Z`);
