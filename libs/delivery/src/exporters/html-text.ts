/** Text inside HTML or SVG, attribute values in double quotes included; characters that no document may have become U+FFFD. */
export function htmlText(text: string): string {
  if (!special.test(text)) return text;
  return (
    text
      .toWellFormed()
      .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
      // the characters that are errors in HTML and in XML
      .replace(/[\0-\x08\x0B\x0C\x0E-\x1F\x7F\uFFFE\uFFFF]/g, '\uFFFD')
  );
}

const special = /[&<>"'\0-\x08\x0B\x0C\x0E-\x1F\x7F\uD800-\uDFFF\uFFFE\uFFFF]/;
