/** An instant to the minute, in UTC as everywhere in Certfolio; a dash without one. */
export function When({ at }: { readonly at: string | null }) {
  if (at === null) return <>–</>;
  return (
    <time dateTime={at} title={at} style={{ whiteSpace: 'nowrap' }}>
      {at.slice(0, 10)} {at.slice(11, 16)} UTC
    </time>
  );
}
