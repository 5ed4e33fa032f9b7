import { issuingCaList, ROOT_NAME } from '../account/issuing-cas.ts';
import { chainOf } from '../certificates/chain.ts';
import { primarySpec, variantSpec } from '../certificates/file-spec.ts';
import { badRequest, notFound } from '../http/api-error.ts';
import { bytes, json } from '../http/answer.ts';
import { type Route } from '../http/route.ts';
import { orderById } from '../orders/find-order.ts';
import { duplicatesOf, reissuesOf } from '../orders/order-variants.ts';
import { type World } from '../world.ts';

const PEM_TYPE = 'application/x-pem-file';
const anyType = ['application/json', PEM_TYPE] as const;

/** The server platform whose file is `pem_all`; those of the others are ZIP. Relied on by a public client. */
const PEM_PLATFORM_ID = '29';

type Chain = NonNullable<ReturnType<typeof chainOf>>;

/** The PEM formats; ZIP and PKCS#7 are not played. Source: vendor glossary, "certificate formats". */
const formats = new Map<string, (chain: Chain) => readonly Chain[number][]>([
  ['pem_all', (chain) => chain],
  ['default_pem', (chain) => chain],
  ['pem_noroot', ([leaf, issuer]) => [leaf, issuer]],
  ['pem_nointermediate', ([leaf]) => [leaf]],
  ['cer', ([leaf]) => [leaf]],
  ['crt', ([leaf]) => [leaf]],
]);

function download(chain: Chain, format: string) {
  const choose = formats.get(format);
  if (choose === undefined) throw badRequest(`The emulator does not make the format "${format}".`);
  return bytes(
    PEM_TYPE,
    choose(chain)
      .map(({ pem }) => pem)
      .join(''),
  );
}

/** Files of certificates, of duplicates and reissues too. */
export function certificateRoutes(world: World): readonly Route[] {
  const chainById = (text: string): Chain => {
    const id = Number(text);
    // An order's certificates are numbered from its primary one on.
    const order = world.orders.all().find(({ certificateId }) => id >= certificateId && id < certificateId + 10);
    if (order === undefined) throw notFound('certificate');
    const variant = [...duplicatesOf(order), ...reissuesOf(order)].find((one) => one.id === id)?.variant;
    const spec = variant === undefined ? primarySpec(order) : variantSpec(order, variant);
    const chain = variant === undefined && id !== order.certificateId ? undefined : chainOf(spec, order.ca);
    if (chain === undefined) throw notFound('certificate');
    return chain;
  };
  const chainByOrder = (text: string): Chain => {
    const order = orderById(world, text);
    const chain = chainOf(primarySpec(order), order.ca);
    if (chain === undefined) throw notFound('certificate');
    return chain;
  };
  return [
    {
      method: 'GET',
      pattern: '/certificate/{id}/download/format/{format}',
      types: anyType,
      answer: ({ param }) => download(chainById(param('id')), param('format')),
    },
    {
      method: 'GET',
      pattern: '/certificate/download/order/{id}/format/{format}',
      types: anyType,
      answer: ({ param }) => download(chainByOrder(param('id')), param('format')),
    },
    {
      method: 'GET',
      pattern: '/certificate/{id}/download/platform/{platform_id}',
      types: anyType,
      answer: ({ param }) =>
        download(chainById(param('id')), param('platform_id') === PEM_PLATFORM_ID ? 'pem_all' : 'zip'),
    },
    {
      method: 'GET',
      pattern: '/certificate/{id}/chain',
      answer: ({ param }) =>
        json({
          intermediates: chainById(param('id')).map(({ commonName, pem }) => ({
            subject_common_name: commonName,
            pem,
          })),
        }),
    },
    {
      method: 'GET',
      pattern: '/certificate/intermediates',
      answer: () =>
        json({
          intermediates: issuingCaList.map(({ name }) => ({
            subject_common_name: name,
            issuer_common_name: ROOT_NAME,
          })),
        }),
    },
  ];
}
