import { useQuery } from '@tanstack/react-query';
import { GatewayError, type GatewayClient } from '@certfolio/client';
import { createContext, useContext, useMemo, useState, type ReactNode } from 'react';
import { clientFor } from './gateway.ts';
import { Loading } from './parts/loading.tsx';
import { SignIn } from './sign-in.tsx';

/** Who the key is, as far as it may say so by a GraphQL text. */
export interface Caller {
  readonly keyId: string;
  readonly name: string;
  readonly owner: string;
  readonly level: string;
  readonly scopes: readonly string[];
  readonly containers: readonly number[] | null;
  readonly account: string;
}

export interface Session {
  readonly client: GatewayClient;
  /** Null for a key that runs templates alone: it sends no texts, so that only reports are shown. */
  readonly caller: Caller | null;
  may(scope: string): boolean;
  signOut(): void;
}

const SessionContext = createContext<Session | null>(null);

/** Of the signed-in key. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('There is no session outside of SessionGate.');
  return session;
}

/** In the tab alone: the key is gone when it is closed, and no other tab can read it. */
const storageName = 'certfolio-key';
const callerText = 'query Caller { me { keyId name owner level scopes containers account } }';
const refusesTexts = new Set(['PERSISTED_QUERY_ID_REQUIRED', 'QUERY_NOT_IN_SAFELIST']);

/** Asks for a key until the gateway knows it, then shows what is inside. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const [key, setKey] = useState(() => window.sessionStorage.getItem(storageName));
  const { data, error, isPending } = useQuery({
    queryKey: ['session', key],
    queryFn: () => openSession(key!),
    enabled: key !== null,
    staleTime: Infinity,
  });
  const session = useMemo<Session | null>(() => {
    if (data === undefined) return null;
    const { client, caller } = data;
    const scopes = new Set(caller?.scopes);
    return {
      client,
      caller,
      may: (scope) => scopes.has(scope) || scopes.has('admin'),
      signOut: () => {
        window.sessionStorage.removeItem(storageName);
        window.location.reload();
      },
    };
  }, [data]);

  if (key === null) return <SignIn onKey={setKey} error={null} />;
  if (session !== null) return <SessionContext value={session}>{children}</SessionContext>;
  if (isPending) return <Loading what="your key" />;
  return <SignIn onKey={setKey} error={error} />;
}

/** Keeps a key that the gateway knows; one that it refuses is forgotten, and one that it could not be asked about stays as it was. */
async function openSession(key: string): Promise<Opened> {
  try {
    const opened = await askForCaller(key);
    window.sessionStorage.setItem(storageName, key);
    return opened;
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'UNAUTHENTICATED')
      window.sessionStorage.removeItem(storageName);
    throw error;
  }
}

type Opened = Pick<Session, 'client' | 'caller'>;

async function askForCaller(key: string): Promise<Opened> {
  const client = clientFor(key);
  try {
    const { me } = await client.query<{ me: Caller }>(callerText);
    return { client, caller: me };
  } catch (error) {
    if (!(error instanceof GatewayError && refusesTexts.has(error.code))) throw error;
    return { client, caller: null };
  }
}
