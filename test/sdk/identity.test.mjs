import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
} from "@azure/identity";
import * as sim from "./simulator.mjs";

let original;
beforeEach(async () => {
  original ??= (await sim.readState()).applications[sim.application];
  await sim.putFaults([]);
  await sim.patchState({
    applications: {
      [sim.application]: {
        ...original,
        certificates: null,
        federated: null,
        disabled: null,
        secretExpired: null,
      },
    },
  });
});

const change = (values) => sim.patchState({ applications: { [sim.application]: values } });
const withSecret = (secret, { tenant = sim.tenant, application = sim.application } = {}) =>
  new ClientSecretCredential(tenant, application, secret, sim.authority);
const refusal = (code) => (error) => {
  assert.match(error.message, new RegExp(`AADSTS${code}: `));
  return true;
};

test("a secret buys a token for the resource", async () => {
  const { token, expiresOnTimestamp } = await sim.signIn().getToken(sim.scope);

  const claims = sim.claimsOf(token);
  assert.equal(claims.aud, "https://management.azure.com");
  assert.equal(claims.tid, sim.tenant);
  assert.equal(claims.appid, sim.application);
  assert.equal(claims.oid, original.objectId);
  assert.equal(claims.appidacr, "1");
  assert.ok(Math.abs(expiresOnTimestamp / 1000 - claims.exp) < 60);
});

test("a token is kept until it is nearly over", async () => {
  const credential = sim.signIn();
  await credential.getToken(sim.scope);
  const before = (await sim.readRequests()).length;

  await credential.getToken(sim.scope);

  assert.equal((await sim.readRequests()).length, before);
});

test("a wrong secret is refused", async () => {
  await assert.rejects(withSecret("wrong").getToken(sim.scope), refusal(7000215));
});

test("an expired secret is refused", async () => {
  await change({ secretExpired: true });
  await assert.rejects(sim.signIn().getToken(sim.scope), refusal(7000222));
});

test("an unknown application is refused", async () => {
  const application = "99999999-9999-9999-9999-999999999999";
  await assert.rejects(withSecret("x", { application }).getToken(sim.scope), refusal(700016));
});

test("a disabled application is refused", async () => {
  await change({ disabled: true });
  await assert.rejects(sim.signIn().getToken(sim.scope), refusal(7000112));
});

test("an unknown tenant is refused", async () => {
  const tenant = "88888888-8888-8888-8888-888888888888";
  await assert.rejects(withSecret("dummy-client-secret", { tenant }).getToken(sim.scope), refusal(90002));
});

test("a scope without its suffix is refused", async () => {
  await assert.rejects(sim.signIn().getToken("https://management.azure.com/"), refusal(1002012));
});

test("the other path of sign-in works, too", async () => {
  const credential = new ClientSecretCredential("adfs", sim.application, "dummy-client-secret", {
    authorityHost: sim.url,
  });
  const { token } = await credential.getToken(sim.scope);
  assert.equal(sim.claimsOf(token).appid, sim.application);
});

for (const sendCertificateChain of [false, true]) {
  test(`a registered certificate buys a token (chain sent: ${sendCertificateChain})`, async () => {
    const { cert, key } = sim.makeCertificate();
    await change({ certificates: [cert] });
    const credential = new ClientCertificateCredential(
      sim.tenant,
      sim.application,
      { certificate: cert + key },
      { ...sim.authority, sendCertificateChain },
    );

    const { token } = await credential.getToken(sim.scope);

    assert.equal(sim.claimsOf(token).appidacr, "2");
  });
}

test("another certificate is refused", async () => {
  const mine = sim.makeCertificate();
  await change({ certificates: [sim.makeCertificate().cert] });
  const credential = new ClientCertificateCredential(
    sim.tenant,
    sim.application,
    { certificate: mine.cert + mine.key },
    sim.authority,
  );
  await assert.rejects(credential.getToken(sim.scope), refusal(700027));
});

const issuer = "https://oidc.example/cluster";
const subject = "system:serviceaccount:openshift-azure-operator:aro-operator-master";
function federated(changes = {}) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: subject, aud: "openshift", nbf: now, exp: now + 600, ...changes };
  return new ClientAssertionCredential(
    sim.tenant,
    sim.application,
    async () => sim.makeJwt(claims),
    sim.authority,
  );
}

test("a federated token buys a token", async () => {
  await change({ federated: [{ issuer, subject, audience: "openshift" }] });
  const { token } = await federated().getToken(sim.scope);
  assert.equal(sim.claimsOf(token).appidacr, "2");
});

const misfits = { iss: "https://oidc.example/other", sub: "somebody", aud: "api://AzureADTokenExchange" };
for (const [name, value] of Object.entries(misfits)) {
  test(`a federated token of another ${name} is refused`, async () => {
    await change({ federated: [{ issuer, subject, audience: "openshift" }] });
    await assert.rejects(federated({ [name]: value }).getToken(sim.scope), refusal(70021));
  });
}

test("a federated token that is over is refused", async () => {
  await change({ federated: [{ issuer, subject, audience: "openshift" }] });
  await assert.rejects(federated({ exp: 1 }).getToken(sim.scope), refusal(700024));
});

test("a busy directory is asked again", async () => {
  await sim.putFaults([
    { path: "*/token", times: 1, status: 503, headers: { "retry-after-ms": "1" }, body: {} },
  ]);
  const { token } = await sim.signIn().getToken(sim.scope);
  assert.ok(token);
});
