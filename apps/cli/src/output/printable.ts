/** Controls, and the marks that turn the direction of text. */
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Text from elsewhere as a terminal may show it: names in a certificate can hold escape sequences. */
export function printable(text: string): string {
  return text.replace(unprintable, '\ufffd');
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text.replace(/\s*[\r\n\t]+\s*/g, ' '));
}
