// What every test begins with: the client of KUBECONFIG, a namespace of its own, words to wait with.
import { randomBytes } from 'node:crypto';
import { after, before } from 'node:test';
import * as k8s from '@kubernetes/client-node';

export const config = new k8s.KubeConfig();
config.loadFromFile(process.env.KUBECONFIG);
export const core = config.makeApiClient(k8s.CoreV1Api);
export const apps = config.makeApiClient(k8s.AppsV1Api);
export const objects = k8s.KubernetesObjectApi.makeApiClient(config);

// ownNamespace: made before the tests of a file, deleted after them.
export function ownNamespace() {
  const name = `node-${randomBytes(4).toString('hex')}`;
  before(() => core.createNamespace({ body: { metadata: { name } } }));
  after(() => core.deleteNamespace({ name }));
  return name;
}

export const configMap = (name, data, more = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
  data,
});

// until CONDITION: asks it again until it gives something; a promise of that.
export async function until(condition, what) {
  const end = Date.now() + 20000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// The ApiException with that code, for assert.rejects.
export const refusal = (code, reason) => (e) => {
  const status = typeof e.body === 'string' ? JSON.parse(e.body) : e.body;
  if (e.code !== code || (reason && status.reason !== reason))
    throw new Error(`want ${code} ${reason}, got ${e.code} ${JSON.stringify(e.body)}`);
  return true;
};

// patching TYPE: the option that chooses the content type of a patch.
export const patching = (type) => k8s.setHeaderOptions('Content-Type', type);
