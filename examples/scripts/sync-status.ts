// Tells the ticket system which orders changed in the last quarter of an hour.
import axios from 'axios';

interface Change {
  readonly order_id: number;
  readonly certificate_id: number;
  readonly status: string;
}

const certCentral = axios.create({
  baseURL: process.env.CERTCENTRAL_BASE_URL ?? 'https://www.digicert.com/services/v2',
  headers: { 'X-DC-DEVKEY': process.env.CERTCENTRAL_API_KEY },
});

export async function syncStatus(tell: (text: string) => Promise<void>): Promise<void> {
  const { data } = await certCentral.get<{ orders?: Change[] }>('/order/certificate/status-changes', {
    params: { minutes: 15 },
  });
  for (const change of data.orders ?? []) {
    const { data: order } = await certCentral.get(`/order/certificate/${change.order_id}`);
    await tell(`${order.certificate.common_name} is ${change.status} (order ${change.order_id})`);
  }
}

/** Orders of one host, whatever their state. */
export async function ordersOf(host: string) {
  const { data } = await certCentral.get('/order/certificate', { params: { 'filters[common_name]': host } });
  return data.orders;
}
