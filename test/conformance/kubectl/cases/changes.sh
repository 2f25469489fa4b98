# shellcheck shell=bash
# Changes: apply of both kinds, patches, edit, diff, finalizers.

scenario "applies on the client's side" client_apply
client_apply() {
    cat >a.yaml <<'END'
apiVersion: v1
kind: ConfigMap
metadata: {name: a, labels: {x: z}}
data: {k: v, l: w}
END
    k apply -f a.yaml
    k apply -f a.yaml
    sed -i 's/, l: w//; s/k: v/k: changed/' a.yaml
    k apply -f a.yaml --dry-run=client
    k apply -f a.yaml --dry-run=server
    differs diff -f a.yaml
    k apply -f a.yaml
    k diff -f a.yaml
    k get cm a -o 'jsonpath={.data}{"\n"}{.metadata.annotations}{"\n"}'
    k apply view-last-applied cm a
    k apply -f a.yaml --prune -l x=z --prune-whitelist=core/v1/ConfigMap ||
        k apply -f a.yaml --prune -l x=z --prune-allowlist=core/v1/ConfigMap
}

scenario "applies a deployment on the client's side" client_apply_deployment
client_apply_deployment() {
    cat >d.yaml <<'END'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "web:1", env: [{name: A, value: "1"}, {name: B, value: "2"}]}
      - {name: side, image: "side:1"}
END
    k apply -f d.yaml
    k get deploy web -o 'jsonpath={.spec.template.spec}{"\n"}'
    sed -i 's/{name: A, value: "1"}, //; /name: side/d' d.yaml
    differs diff -f d.yaml
    k apply -f d.yaml
    k get deploy web -o 'jsonpath={.spec.template.spec}{"\n"}'
    sed -i 's/app: web/app: other/g' d.yaml
    refused apply -f d.yaml
}

scenario "applies on the server's side" server_apply
server_apply() {
    cat >a.yaml <<'END'
apiVersion: v1
kind: ConfigMap
metadata: {name: a, labels: {x: z}}
data: {k: v, l: w}
END
    k apply --server-side -f a.yaml
    k apply --server-side -f a.yaml
    sed 's/k: v/k: other/; s/, l: w/, m: x/' a.yaml >b.yaml
    refused apply --server-side --field-manager=second -f b.yaml
    k apply --server-side --field-manager=second --force-conflicts -f b.yaml
    k get cm a -o yaml --show-managed-fields || k get cm a -o yaml
    sed -i 's/, l: w//; s/k: v/k: other/' a.yaml
    k apply --server-side -f a.yaml
    k get cm a -o 'jsonpath={.data}{"\n"}'
    k apply --server-side --dry-run=server -f a.yaml
    sed -i 's/m: x/o: z/' b.yaml
    differs diff --server-side --field-manager=second --force-conflicts -f b.yaml
}

scenario "patches of three types" patching
patching() {
    cat >d.yaml <<'END'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "web:1", ports: [{containerPort: 80}]}]
END
    quietly create -f d.yaml
    k patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"web:2"},{"name":"new","image":"new:1"}]}}}}'
    k patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"new","$patch":"delete"}]}}}}'
    k patch deploy web --type=merge -p '{"metadata":{"labels":{"a":"b"}},"spec":{"minReadySeconds":3}}'
    k patch deploy web --type=merge -p '{"metadata":{"labels":{"a":null}}}'
    k patch deploy web --type=json -p '[{"op":"test","path":"/spec/minReadySeconds","value":3},{"op":"replace","path":"/spec/minReadySeconds","value":4}]'
    k patch deploy web --type=merge -p '{"spec":{"minReadySeconds":4}}'
    refused patch deploy web --type=json -p '[{"op":"test","path":"/spec/minReadySeconds","value":9}]'
    refused patch deploy web --type=json -p '[{"op":"remove","path":"/nothing"}]'
    refused_somehow patch deploy web --type=merge -p '{"spec":{"replicas":"many"}}'
    refused patch deploy web --type=merge -p '{"metadata":{"name":"other"}}'
    refused patch deploy nothing -p '{}'
    k get deploy web -o yaml
}

scenario "edits" editing
editing() {
    echo '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}}' >a.json
    quietly create -f a.json
    EDIT='s/k: v/k: edited/' k edit cm a
    EDIT='/nothing to find/d' k edit cm a
    k get cm a -o 'jsonpath={.data}{"\n"}'
}

scenario "finalizers hold an object" finalizers
finalizers() {
    echo '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","finalizers":["example.com/hold"]}}' >a.json
    quietly create -f a.json
    k delete cm a --wait=false
    refused delete cm a --timeout=500ms
    k get cm a -o yaml
    follow delete cm a
    lines 1
    k patch cm a --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'
    followed 1
    refused get cm a
}

scenario "collections" collections
collections() {
    local i
    for i in a b c; do
        echo "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"$i\",\"labels\":{\"x\":\"$i\"}}}"
    done >all.json
    k create -f all.json
    k delete cm -l x=a
    k delete cm --field-selector metadata.name=b
    k delete cm --all --dry-run=server
    k delete cm c --now
    k delete secrets --wait=false -l x=nothing
}
