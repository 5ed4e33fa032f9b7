import { expect, it } from '@jest/globals';
import { aDelivery } from '../../test/a-delivery.ts';
import { messageHtml } from './message-html.ts';
import { plainText } from './message-text.ts';

const changes = {
  columns: ['Change', 'order_id', 'Changed columns'],
  rows: [
    ['added', '30003', ''],
    ['changed', '20002', 'status, valid_till'],
    ['removed', '<10001>', ''],
  ],
  total: 5,
};

it('a message lists what changed, and says how much more did', () => {
  const text = plainText(aDelivery({ changes }));
  expect(text).toContain(
    '\n\nWhat changed:\nadded 30003\nchanged 20002 (status, valid_till)\nremoved <10001>\nand 2 more, in difference.csv\n\n',
  );
  expect(plainText(aDelivery({ changes: { ...changes, total: 3 } }))).not.toContain('more, in');
  expect(plainText(aDelivery())).not.toContain('What changed');
});

it('a message as HTML has the same as a table, what is in cells as text', () => {
  const html = messageHtml(aDelivery({ changes }), null);
  expect(html).toMatch(/>order_id<\/th>.*>changed<\/td><td [^>]*>20002<\/td><td [^>]*>status, valid_till<\/td>/s);
  expect(html).toContain('&#60;10001&#62;');
  expect(html).toContain('<p>and 2 more, in difference.csv</p>');
});
