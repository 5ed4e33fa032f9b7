/**
 * A text for an address. Half of a surrogate pair, which UTF-8 does not have and `encodeURIComponent` throws for, becomes
 * U+FFFD.
 */
export const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
