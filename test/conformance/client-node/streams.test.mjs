import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import * as k8s from '@kubernetes/client-node';
import { config, configMap, core, ownNamespace, patching, until } from './cluster.mjs';

const namespace = ownNamespace();
const path = `/api/v1/namespaces/${namespace}/configmaps`;

test('a watch tells of additions, changes and deletions', async () => {
  const seen = [];
  let ended;
  const { resourceVersion } = (await core.listNamespacedConfigMap({ namespace })).metadata;
  const request = await new k8s.Watch(config).watch(
    path,
    { resourceVersion, labelSelector: 'watched' },
    (type, object) => seen.push(`${type} ${object.metadata.name} ${object.data?.k}`),
    (error) => (ended = { error }),
  );
  const body = configMap('w', { k: '1' }, { labels: { watched: 'yes' } });
  await core.createNamespacedConfigMap({ namespace, body: configMap('other', {}) });
  await core.createNamespacedConfigMap({ namespace, body });
  body.data.k = '2';
  await core.replaceNamespacedConfigMap({ name: 'w', namespace, body });
  await core.deleteNamespacedConfigMap({ name: 'w', namespace });

  await until(() => seen.length >= 3, 'three events');
  assert.deepEqual(seen, ['ADDED w 1', 'MODIFIED w 2', 'DELETED w 2']);
  request.abort();
  await until(() => ended, 'the end of the watch');
});

test('a watch ends when its time is over', async () => {
  let ended;
  await new k8s.Watch(config).watch(path, { timeoutSeconds: 1 }, () => {}, (error) => (ended = { error }));
  await until(() => ended, 'the end of the watch');
  assert.equal(ended.error, null);
});

test('a watch from what is no version is refused', async () => {
  let failure;
  const from = { resourceVersion: 'nonsense' };
  await new k8s.Watch(config).watch(path, from, () => {}, (error) => (failure ??= error));
  await until(() => failure, 'a refusal');
  assert.equal(failure.statusCode, 500);
});

test('an informer keeps a copy and goes on after an end', async () => {
  const seen = [];
  const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: 'informed' });
  const informer = k8s.makeInformer(config, path, list, 'informed');
  for (const verb of ['add', 'update', 'delete'])
    informer.on(verb, (object) => seen.push(`${verb} ${object.metadata.name}`));
  await core.createNamespacedConfigMap({ namespace, body: configMap('i1', {}, { labels: { informed: '' } }) });
  await informer.start();
  await until(() => informer.get('i1', namespace), 'the first object');

  await core.createNamespacedConfigMap({ namespace, body: configMap('i2', {}, { labels: { informed: '' } }) });
  await until(() => informer.get('i2', namespace), 'the second object');
  await core.patchNamespacedConfigMap(
    { name: 'i2', namespace, body: { data: { k: 'v' } } },
    patching(k8s.PatchStrategy.MergePatch),
  );
  await until(() => informer.get('i2', namespace)?.data?.k === 'v', 'the change');
  // Out of the selection is gone for the informer.
  await core.patchNamespacedConfigMap(
    { name: 'i1', namespace, body: { metadata: { labels: { informed: null } } } },
    patching(k8s.PatchStrategy.MergePatch),
  );
  await until(() => !informer.get('i1', namespace), 'the deletion');
  assert.deepEqual(informer.list(namespace).map((o) => o.metadata.name), ['i2']);
  assert.deepEqual(seen, ['add i1', 'add i2', 'update i2', 'delete i1']);
  await informer.stop();
});

// A kubelet of one container: what the API server asks it for is what it answers with.
async function startKubelet(name) {
  const server = createServer(
    { key: readFileSync(process.env.KUBELET_KEY), cert: readFileSync(process.env.KUBELET_CERT) },
    (request, response) => response.end(`${decodeURIComponent(request.url)}\nsecond line\n`),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  await core.createNode({ body: { metadata: { name } } });
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: server.address().port } },
  };
  await core.patchNodeStatus({ name, body: { status } }, patching(k8s.PatchStrategy.MergePatch));
  return server;
}

test('logs come from the kubelet of the node', async () => {
  const node = `node-of-${namespace}`;
  const kubelet = await startKubelet(node);
  try {
    const containers = [{ name: 'main', image: 'a:1' }, { name: 'side', image: 'b:1' }];
    await core.createNamespacedPod({
      namespace,
      body: { metadata: { name: 'p' }, spec: { nodeName: node, automountServiceAccountToken: false, containers } },
    });
    const out = new PassThrough();
    let text = '';
    out.on('data', (chunk) => (text += chunk));
    await new k8s.Log(config).log(namespace, 'p', 'main', out, { tailLines: 5, follow: false });
    await until(() => text.includes('second line'), 'the log');
    assert.equal(text, `/containerLogs/${namespace}/p/main?tailLines=5\nsecond line\n`);
    const read = await core.readNamespacedPodLog({ name: 'p', namespace, container: 'side' });
    assert.match(read, /\/p\/side/);
    await assert.rejects(core.readNamespacedPodLog({ name: 'p', namespace }), /400|a container name must be specified/);
    await core.deleteNamespacedPod({ name: 'p', namespace, gracePeriodSeconds: 0 });
  } finally {
    await core.deleteNode({ name: node });
    kubelet.closeAllConnections();
    kubelet.close();
  }
});
