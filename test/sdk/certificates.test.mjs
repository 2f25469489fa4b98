import assert from "node:assert/strict";
import { X509Certificate, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { before, beforeEach, test } from "node:test";
import { CertificateClient } from "@azure/keyvault-certificates";
import { SecretClient } from "@azure/keyvault-secrets";
import * as sim from "./simulator.mjs";

const options = { disableChallengeResourceVerification: true, retryOptions: { retryDelayInMs: 1 } };
const policy = {
  issuerName: "OneCertV2-PublicCA",
  subject: "CN=api.example.com",
  subjectAlternativeNames: { dnsNames: ["api.example.com"] },
  contentType: "application/x-pem-file",
  keyType: "RSA",
  keySize: 2048,
  exportable: true,
  enhancedKeyUsage: ["1.3.6.1.5.5.7.3.1"],
  validityInMonths: 3,
  lifetimeActions: [{ action: "AutoRenew", daysBeforeExpiry: 30 }],
};
const fast = { intervalInMs: 10 };
let client, secrets;
before(() => {
  client = new CertificateClient(sim.url, sim.signIn(), options);
  secrets = new SecretClient(sim.url, sim.signIn(), options);
});
beforeEach(async () => {
  await sim.putFaults([]);
  await sim.patchState({ page_size: null, vaults: null, certificates: null });
});
const all = async (pages) => {
  const found = [];
  for await (const entry of pages) found.push(entry);
  return found;
};
const make = async (name) => (await client.beginCreateCertificate(name, policy, fast)).pollUntilDone();

test("a certificate is made after some looks, with key and chain as a secret", async () => {
  await sim.patchState({ certificates: { looks: 3 } });
  const made = await make("doc-apiserver");

  assert.equal(made.policy.issuerName, "OneCertV2-PublicCA");
  const { value, properties } = await secrets.getSecret("doc-apiserver");
  assert.equal(properties.contentType, "application/x-pem-file");
  assert.equal(properties.managed, true);
  const leaf = new X509Certificate(value.slice(value.indexOf("-----BEGIN CERTIFICATE")));
  const authority = new X509Certificate(readFileSync(process.env.NODE_EXTRA_CA_CERTS));
  assert.ok(leaf.verify(authority.publicKey));
  assert.ok(leaf.checkPrivateKey(createPrivateKey(value)));
  assert.equal(leaf.subject, "CN=api.example.com");
  assert.equal(leaf.subjectAltName, "DNS:api.example.com");
  assert.deepEqual(Buffer.from(made.cer), leaf.raw);
  assert.equal(made.properties.expiresOn.getTime(), Date.parse(leaf.validTo));
});

test("an issuer fails for good, and its text is told", async () => {
  await sim.patchState({ certificates: { error: { code: "ProviderError", message: "the issuer said no" } } });
  await assert.rejects(make("n"), /the issuer said no/);
});

test("versions, policy and tags are read and changed", async () => {
  await make("n");
  await make("n");
  assert.equal((await all(client.listPropertiesOfCertificateVersions("n"))).length, 2);
  assert.deepEqual((await all(client.listPropertiesOfCertificates())).map((entry) => entry.name), ["n"]);
  await client.updateCertificatePolicy("n", { ...policy, issuerName: "Other" }); // its result is never filled
  const { policy: changed, properties } = await client.getCertificate("n");
  assert.equal(changed.issuerName, "Other");
  const tagged = await client.updateCertificateProperties("n", properties.version, { tags: { a: "b" } });
  assert.equal(tagged.properties.tags.a, "b");
  assert.equal((await client.getCertificateVersion("n", properties.version)).policy, undefined);
});

test("what is not there is told so", async () => {
  await assert.rejects(client.getCertificate("none"), { statusCode: 404, code: "CertificateNotFound" });
  await assert.rejects(client.beginDeleteCertificate("none", fast), { statusCode: 404 });
});

test("a deleted certificate keeps its name until it is purged or recovered", async () => {
  await make("n");
  const deleted = await (await client.beginDeleteCertificate("n", fast)).pollUntilDone();
  assert.ok(deleted.scheduledPurgeDate > deleted.deletedOn);
  await assert.rejects(make("n"), { statusCode: 409, code: "Conflict" });
  assert.deepEqual((await all(client.listDeletedCertificates())).map((entry) => entry.name), ["n"]);

  await (await client.beginRecoverDeletedCertificate("n", fast)).pollUntilDone();
  assert.equal((await secrets.getSecret("n")).properties.contentType, "application/x-pem-file");

  await (await client.beginDeleteCertificate("n", fast)).pollUntilDone();
  await client.purgeDeletedCertificate("n");
  await make("n");
});
