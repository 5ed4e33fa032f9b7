import { AwsV4Signer } from 'aws4fetch';
import {
  DeliveryFailed,
  type Delivery,
  type DeliveryFile,
  type Destination,
  type Receipt,
  type SendOptions,
} from '@certfolio/reports';
import { deliveryPath } from './delivery-path.ts';
import type { HttpCaller } from './http-call.http.ts';
import { manifestOf } from './manifest.ts';

export interface BucketSettings {
  readonly name: string;
  /** Address of the service, `https://s3.eu-central-1.amazonaws.com` for one. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before every key, with a slash at its end, or empty. */
  readonly prefix: string;
  readonly accessKeyId: () => string;
  readonly secretAccessKey: () => string;
  readonly timeoutMs: number;
}

/** What one PUT takes. Source: docs.aws.amazon.com, "Amazon S3 multipart upload limits" (read 2026-11). */
const maxPutBytes = 5 * 1_024 ** 3;

/** Puts the files of a run, and a manifest with their hashes, into a bucket of an S3-compatible service. */
export function createBucketDestination(settings: BucketSettings, http: HttpCaller): Destination {
  const { name, bucket, prefix, timeoutMs } = settings;
  // The bucket in the path: what every compatible service understands.
  const base = `${settings.endpoint.replace(/\/+$/, '')}/${encodeURIComponent(bucket)}/`;

  async function put(key: string, file: Omit<DeliveryFile, 'name'>, signal: AbortSignal): Promise<void> {
    if (file.bytes > maxPutBytes)
      throw new DeliveryFailed(name, `a file has ${file.bytes} bytes, and one upload takes ${maxPutBytes}`, {
        isTransient: false,
      });
    const url = new URL(base + key.split('/').map(encodeURIComponent).join('/'));
    const signer = new AwsV4Signer({
      method: 'PUT',
      url: url.href,
      headers: { 'content-type': file.mediaType, 'x-amz-content-sha256': file.sha256 },
      accessKeyId: settings.accessKeyId(),
      secretAccessKey: settings.secretAccessKey(),
      service: 's3',
      region: settings.region,
    });
    const signed = await signer.sign();
    await http.call({
      destination: name,
      method: 'PUT',
      url: signed.url,
      headers: { ...Object.fromEntries(signed.headers), 'content-length': String(file.bytes) },
      body: () => file.open(),
      timeoutMs,
      signal,
    });
  }

  return {
    name,
    kind: 'bucket',
    onUnconfirmed: 'resend',
    recipients: ['bucket'],
    refusalOf: (recipient) => (recipient === 'bucket' ? null : 'a bucket has no other recipients'),
    async send(delivery: Delivery, { signal }: SendOptions): Promise<Receipt> {
      const manifest = manifestOf(delivery);
      const key = (file: string) => `${prefix}${deliveryPath(delivery, file)}`;
      for (const file of delivery.files) await put(key(file.name), file, signal);
      // Last, so that whoever waits for it finds the files.
      await put(key(manifest.name), manifest, signal);
      const bytes = delivery.files.reduce((sum, file) => sum + file.bytes, manifest.bytes);
      return { reference: `${bucket}/${key('')}`, bytes };
    },
  };
}
