import { customFields, type CustomField } from '../account/custom-fields.ts';
import { ApiError, badRequest } from '../http/api-error.ts';
import { json, noContent } from '../http/answer.ts';
import { jsonBody } from '../http/call.ts';
import { type Route } from '../http/route.ts';
import { isoInstant } from '../dates.ts';
import { orderById } from '../orders/find-order.ts';
import { type Order } from '../orders/order.ts';
import { type World } from '../world.ts';

const emailAddress = /^[^@\s,]+@[^@\s,]+$/;
const fits = new Map<string, (value: string) => boolean>([
  ['int', (value) => /^-?\d+$/.test(value)],
  ['email_address', (value) => emailAddress.test(value)],
  ['email_list', (value) => value.split(',').every((one) => emailAddress.test(one.trim()))],
]);

function checkedValue(field: CustomField, value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  const isFit = text !== undefined && (fits.get(field.dataType ?? '')?.(text) ?? true);
  if (!isFit)
    throw new ApiError(400, 'invalid_custom_field_value', `The value does not fit the custom field "${field.label}".`);
  return text;
}

function textOf(body: ReadonlyMap<string, unknown>, name: string): string {
  const value = body.get(name);
  if (typeof value !== 'string' || value === '') throw badRequest(`"${name}" is missing.`);
  return value;
}

/** Changes that real clients make. Sources: vendor pages "Add custom field value", "Add order note", "Revoke order certificates", "Update order status". */
export function orderWriteRoutes(world: World): readonly Route[] {
  const { orders } = world;
  const setStatus = (order: Order, status: Order['status'], nowMs: number) =>
    orders.put({ ...order, status, statusChangedMs: nowMs });
  let notes = 9_000_000;
  let requests = 8_000_000;

  return [
    {
      method: 'POST',
      pattern: '/order/certificate/{id}/custom-field',
      answer: (call) => {
        const order = orderById(world, call.param('id'));
        const body = jsonBody(call);
        const field = customFields.find(({ id }) => id === Number(body.get('metadata_id')));
        if (field === undefined) throw badRequest('There is no custom field with this metadata_id.');
        const value = checkedValue(field, body.get('value'));
        const others = order.customFields.filter((one) => one.field !== field);
        orders.put({
          ...order,
          customFields: [...others, { field, value }].sort((one, other) => one.field.id - other.field.id),
        });
        return noContent;
      },
    },
    {
      method: 'POST',
      pattern: '/order/certificate/{id}/note',
      answer: (call) => {
        const order = orderById(world, call.param('id'));
        notes += 1;
        const note = { id: notes, text: textOf(jsonBody(call), 'text') };
        orders.put({ ...order, notes: [...order.notes, note] });
        return json(note, 201);
      },
    },
    {
      method: 'PUT',
      pattern: '/order/certificate/{id}/revoke',
      answer: (call) => {
        const order = orderById(world, call.param('id'));
        if (order.issuance === undefined) throw badRequest('The order has no certificate to revoke.');
        const body = call.body.length === 0 ? new Map<string, unknown>() : jsonBody(call);
        if (body.get('skip_approval') === true) {
          setStatus(order, 'revoked', call.nowMs);
          return noContent;
        }
        requests += 1;
        const comments = typeof body.get('comments') === 'string' ? String(body.get('comments')) : '';
        orders.put({ ...order, pendingRevocation: { id: requests, atMs: call.nowMs, comments } });
        const { id, firstName, lastName, email } = order.user;
        const requester = { id, first_name: firstName, last_name: lastName, email };
        return json(
          { id: requests, date: isoInstant(call.nowMs), type: 'revoke', status: 'pending', requester, comments },
          201,
        );
      },
    },
    {
      method: 'PUT',
      pattern: '/order/certificate/{id}/status',
      answer: (call) => {
        const order = orderById(world, call.param('id'));
        if (textOf(jsonBody(call), 'status').toUpperCase() !== 'CANCELED')
          throw badRequest('The only status that can be set is CANCELED.');
        setStatus(order, 'canceled', call.nowMs);
        return noContent;
      },
    },
  ];
}
