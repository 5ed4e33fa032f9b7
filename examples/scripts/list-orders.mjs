#!/usr/bin/env node
// All orders, one line of JSON each, in the order of their ids. Node 18 or newer.
//   CERTCENTRAL_API_KEY=… node list-orders.mjs > orders.ndjson
const base = process.env.CERTCENTRAL_BASE_URL ?? 'https://www.digicert.com/services/v2';
const pageSize = Number(process.env.PAGE_SIZE ?? 1000);
const headers = { 'X-DC-DEVKEY': process.env.CERTCENTRAL_API_KEY, Accept: 'application/json' };

async function fetchPage(offset) {
  for (;;) {
    const response = await fetch(`${base}/order/certificate?limit=${pageSize}&offset=${offset}&sort=order_id`, {
      headers,
    });
    if (response.ok) return response.json();
    const text = await response.text();
    if (response.status !== 429) throw new Error(`CertCentral answered ${response.status}: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
}

const orders = [];
for (let offset = 0, total = 1; offset < total; offset += pageSize) {
  const { orders: rows = [], page } = await fetchPage(offset);
  orders.push(...rows);
  total = page?.total ?? 0;
}

orders.sort((one, other) => one.id - other.id);
for (const { id, status, certificate, container, product } of orders)
  console.log(
    JSON.stringify({
      id,
      status,
      name: certificate.common_name,
      names: certificate.dns_names?.length ?? 0,
      validTill: certificate.valid_till ?? null,
      division: container.name,
      product: product.name_id,
    }),
  );
console.error(`${orders.length} orders`);
