// Organizations whose validation ends within 60 days. Node's own https, for machines without packages.
const https = require('node:https');

const host = 'www.digicert.com';

function get(path) {
  return new Promise((resolve, reject) => {
    https
      .get(
        { hostname: host, path: '/services/v2' + path, headers: { 'X-DC-DEVKEY': process.env.CERTCENTRAL_API_KEY } },
        (answer) => {
          let text = '';
          answer.on('data', (chunk) => (text += chunk));
          answer.on('end', () => (answer.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
        },
      )
      .on('error', reject);
  });
}

async function main() {
  const { organizations } = await get('/organization?filters[status]=active');
  const soon = new Date(Date.now() + 60 * 86_400_000).toISOString();
  const ending = await Promise.all(
    organizations.map(async ({ id, name }) => {
      const { validations = [] } = await get(`/organization/${id}/validation`);
      const { organization_contact: contact } = await get(`/organization/${id}`);
      return validations
        .filter((each) => each.validated_until < soon)
        .map((each) => `${each.validated_until}\t${name}\t${each.type}\t${contact?.email ?? ''}`);
    }),
  );
  console.log(ending.flat().sort().join('\n'));
}

main();
