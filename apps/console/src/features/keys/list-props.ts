/** A list of choices that scrolls by itself: it is what the keyboard moves through, not a box around it. */
export const listProps = {
  withScrollArea: false,
  styles: { options: { maxHeight: 260, overflowY: 'auto' } },
} as const;
