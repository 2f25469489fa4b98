import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as k8s from '@kubernetes/client-node';
import { apps, config, configMap, core, objects, ownNamespace, patching, refusal } from './cluster.mjs';

const namespace = ownNamespace();

test('typed clients create, read, replace and delete', async () => {
  const body = configMap('typed', { k: 'v' }, { labels: { a: 'b' } });
  const made = await core.createNamespacedConfigMap({ namespace, body });
  assert.ok(made.metadata.uid);
  assert.ok(made.metadata.creationTimestamp instanceof Date);
  assert.deepEqual(made.data, { k: 'v' });

  await assert.rejects(core.createNamespacedConfigMap({ namespace, body }), refusal(409, 'AlreadyExists'));
  const read = await core.readNamespacedConfigMap({ name: 'typed', namespace });
  read.data.k = 'w';
  const replaced = await core.replaceNamespacedConfigMap({ name: 'typed', namespace, body: read });
  assert.notEqual(replaced.metadata.resourceVersion, made.metadata.resourceVersion);
  // The version that was read before is too old now.
  read.data.k = 'x';
  await assert.rejects(
    core.replaceNamespacedConfigMap({ name: 'typed', namespace, body: read }),
    refusal(409, 'Conflict'),
  );

  const deleted = await core.deleteNamespacedConfigMap({ name: 'typed', namespace });
  assert.equal(deleted.status, 'Success');
  await assert.rejects(core.readNamespacedConfigMap({ name: 'typed', namespace }), refusal(404, 'NotFound'));
});

test('lists come in chunks and by selector', async () => {
  for (const name of ['c1', 'c2', 'c3'])
    await core.createNamespacedConfigMap({ namespace, body: configMap(name, {}, { labels: { list: name } }) });
  const names = [];
  let _continue;
  do {
    const page = await core.listNamespacedConfigMap({ namespace, limit: 2, labelSelector: 'list', _continue });
    names.push(...page.items.map((item) => item.metadata.name));
    _continue = page.metadata._continue;
  } while (_continue);
  assert.deepEqual(names, ['c1', 'c2', 'c3']);

  const some = await core.listNamespacedConfigMap({ namespace, labelSelector: 'list in (c1,c3)' });
  assert.deepEqual(some.items.map((item) => item.metadata.name), ['c1', 'c3']);
  const one = await core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=c2' });
  assert.equal(one.items.length, 1);
  await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'list' });
  assert.equal((await core.listNamespacedConfigMap({ namespace, labelSelector: 'list' })).items.length, 0);
});

test('patches of every type', async () => {
  const name = 'patched';
  const change = (body, type, more = {}) =>
    core.patchNamespacedConfigMap({ name, namespace, body, ...more }, patching(type));
  await core.createNamespacedConfigMap({ namespace, body: configMap(name, { a: '1', b: '2' }) });

  let got = await change([{ op: 'replace', path: '/data/a', value: 'json' }], k8s.PatchStrategy.JsonPatch);
  assert.deepEqual(got.data, { a: 'json', b: '2' });
  got = await change({ data: { a: 'merge', b: null } }, k8s.PatchStrategy.MergePatch);
  assert.deepEqual(got.data, { a: 'merge' });
  got = await change({ data: { b: 'strategic' } }, k8s.PatchStrategy.StrategicMergePatch);
  assert.deepEqual(got.data, { a: 'merge', b: 'strategic' });
  got = await change(configMap(name, { c: 'applied' }), k8s.PatchStrategy.ServerSideApply, { fieldManager: 'one' });
  assert.deepEqual(got.data, { a: 'merge', b: 'strategic', c: 'applied' });
  assert.ok(got.metadata.managedFields.some((m) => m.manager === 'one' && m.operation === 'Apply'));

  const other = configMap(name, { c: 'other' });
  await assert.rejects(
    change(other, k8s.PatchStrategy.ServerSideApply, { fieldManager: 'two' }),
    refusal(409, 'Conflict'),
  );
  got = await change(other, k8s.PatchStrategy.ServerSideApply, { fieldManager: 'two', force: true });
  assert.equal(got.data.c, 'other');
  await assert.rejects(
    change([{ op: 'test', path: '/data/a', value: 'no' }], k8s.PatchStrategy.JsonPatch),
    refusal(422, 'Invalid'),
  );
});

test('strategic patches merge containers by name', async () => {
  const container = (name, image) => ({ name, image });
  await apps.createNamespacedDeployment({
    namespace,
    body: {
      metadata: { name: 'web' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [container('a', 'a:1'), container('b', 'b:1')] },
        },
      },
    },
  });
  const got = await apps.patchNamespacedDeployment(
    { name: 'web', namespace, body: { spec: { template: { spec: { containers: [container('b', 'b:2')] } } } } },
    patching(k8s.PatchStrategy.StrategicMergePatch),
  );
  const images = got.spec.template.spec.containers.map((c) => c.image).sort();
  assert.deepEqual(images, ['a:1', 'b:2']);

  const scale = await apps.readNamespacedDeploymentScale({ name: 'web', namespace });
  assert.equal(scale.spec.replicas ?? 0, 0);
  scale.spec = { replicas: 3 };
  await apps.replaceNamespacedDeploymentScale({ name: 'web', namespace, body: scale });
  assert.equal((await apps.readNamespacedDeployment({ name: 'web', namespace })).spec.replicas, 3);
  await apps.deleteNamespacedDeployment({ name: 'web', namespace });
});

test('objects of any kind, by discovery', async () => {
  const body = configMap('any', { k: 'v' }, { namespace });
  const made = await objects.create(body);
  assert.equal(made.kind, 'ConfigMap');
  assert.equal((await objects.read(made)).data.k, 'v');
  made.data.k = 'w';
  assert.equal((await objects.replace(made)).data.k, 'w');
  const patched = await objects.patch(
    configMap('any', { l: 'x' }, { namespace }),
    undefined,
    undefined,
    undefined,
    undefined,
    k8s.PatchStrategy.MergePatch,
  );
  assert.deepEqual(patched.data, { k: 'w', l: 'x' });
  const listed = await objects.list('v1', 'ConfigMap', namespace);
  assert.ok(listed.items.some((item) => item.metadata.name === 'any'));
  await objects.delete(body);
  await assert.rejects(objects.read(body), refusal(404, 'NotFound'));
});

test('custom resources', async () => {
  const definitions = config.makeApiClient(k8s.ApiextensionsV1Api);
  const custom = config.makeApiClient(k8s.CustomObjectsApi);
  const group = `${namespace}.example.com`;
  const at = { group, version: 'v1', namespace, plural: 'widgets' };
  const schema = {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1, _default: 2 } } },
      status: { type: 'object', properties: { phase: { type: 'string' } } },
    },
  };
  await definitions.createCustomResourceDefinition({
    body: {
      metadata: { name: `widgets.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [
          { name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: schema } },
        ],
      },
    },
  });
  const widget = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'w' }, spec: { unknown: 1 } };
  let made;
  // A definition is served a moment after it is there.
  for (let i = 0; !made && i < 200; i++) {
    made = await custom.createNamespacedCustomObject({ ...at, body: widget }).catch((e) => {
      if (e.code !== 404) throw e;
      return new Promise((resolve) => setTimeout(resolve, 50));
    });
  }
  assert.deepEqual(made.spec, { size: 2 }); // pruned, with its default
  made.status = { phase: 'Ready' };
  const status = await custom.replaceNamespacedCustomObjectStatus({ ...at, name: 'w', body: made });
  assert.equal(status.status.phase, 'Ready');
  await assert.rejects(
    custom.patchNamespacedCustomObject(
      { ...at, name: 'w', body: { spec: { size: 0 } } },
      patching(k8s.PatchStrategy.MergePatch),
    ),
    refusal(422, 'Invalid'),
  );
  await definitions.deleteCustomResourceDefinition({ name: `widgets.${group}` });
});

test('reviews and tokens', async () => {
  const review = await config.makeApiClient(k8s.AuthorizationV1Api).createSelfSubjectAccessReview({
    body: { spec: { resourceAttributes: { verb: 'delete', resource: 'nodes' } } },
  });
  assert.equal(review.status.allowed, true);

  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'robot' } } });
  const request = await core.createNamespacedServiceAccountToken({
    name: 'robot',
    namespace,
    body: { spec: { expirationSeconds: 700, audiences: [] } },
  });
  const as = new k8s.KubeConfig();
  const cluster = { ...config.getCurrentCluster(), name: 'c' };
  as.loadFromClusterAndUser(cluster, { name: 'u', token: request.status.token });
  const robot = as.makeApiClient(k8s.CoreV1Api);
  await assert.rejects(robot.listNamespacedSecret({ namespace }), refusal(403, 'Forbidden'));
  const who = await as.makeApiClient(k8s.AuthorizationV1Api).createSelfSubjectAccessReview({
    body: { spec: { resourceAttributes: { namespace, verb: 'list', resource: 'secrets' } } },
  });
  assert.equal(who.status.allowed, false);
});
