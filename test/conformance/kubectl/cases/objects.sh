# shellcheck shell=bash disable=SC2154 # words.sh has ns
# Objects: get in all its forms, create, label, annotate, delete.

manifests() {
    cat >objects.yaml <<'END'
apiVersion: v1
kind: ConfigMap
metadata:
  name: one
  labels: {app: web, tier: front}
data: {color: red, size: "3"}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: two
  labels: {app: web}
data: {color: blue}
---
apiVersion: v1
kind: Secret
metadata: {name: key}
type: Opaque
stringData: {password: hunter2}
---
apiVersion: v1
kind: Service
metadata: {name: front, labels: {app: web}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}, {name: https, port: 443}]
END
}

scenario "creates from a file, reads in every form, deletes" reading
reading() {
    manifests
    k create -f objects.yaml
    refused create -f objects.yaml
    k get configmap one two
    k get -f objects.yaml
    k get cm -l tier=front -o wide
    k get cm one -o yaml
    k get svc front -o json
    k get services/front secrets/key -o name
    refused get configmap,nowhere
    k get svc -o wide
    k get svc front --show-labels -L app
    k get cm one two -o 'jsonpath={range .items[*]}{.metadata.name}={.data.color}{"\n"}{end}'
    k get cm one two -o 'custom-columns=NAME:.metadata.name,SIZE:.data.size'
    k get cm one -o 'go-template={{.data.color}}{{"\n"}}'
    k get cm --field-selector metadata.name=two --no-headers
    k get cm -l app=web --sort-by=.data.color
    k get cm -l '!nothing,app in (web,db)' --chunk-size=1
    refused get cm nothing
    k get cm nothing --ignore-not-found
    refused get cm -l 'a b'
    k delete -f objects.yaml
    refused delete cm one
    k delete cm one --ignore-not-found
}

scenario "labels and annotations" labelling
labelling() {
    manifests
    quietly create -f objects.yaml
    k label cm one stage=test
    refused label cm one stage=prod
    k label cm one stage=prod --overwrite
    k label cm -l app=web owner=me
    k label cm two owner-
    k label cm one 'bad=a b' --dry-run=client -o name || true
    k annotate cm one note='a text' other=1
    k annotate cm one other-
    k annotate cm two note=x --resource-version=1 || true
    k get cm one two --show-labels
    k get cm one -o yaml
}

scenario "describes" describing
describing() {
    manifests
    quietly create -f objects.yaml
    k describe cm two
    k describe secret key
    k describe svc front
    k describe ns "$ns"
}

scenario "generators" generators
generators() {
    k create configmap lit --from-literal=a=b --dry-run=client -o yaml
    k create configmap lit --from-literal=a=b
    k create secret generic sec --from-literal=a=b
    k create serviceaccount robot
    k create role reader --verb=get,list --resource=configmaps,secrets
    k create rolebinding robots --role=reader --serviceaccount="$ns:robot"
    k create service clusterip svc --tcp=80:8080
    k create quota limits --hard=pods=3
    k create deployment web --image=web:1 --replicas=0
    k create cronjob cron --image=job:1 --schedule='* * * * *' --dry-run=client -o name
    k get cm lit -o yaml
    k get role/reader rolebinding/robots -o wide
    k get deployment web -o yaml
    k expose deployment web --port=80
    k set image deployment/web web=web:2
    k set env deployment/web A=b
    k get deployments -o wide
    k get quota limits -o name
    k delete deployment web
}

scenario "a watch tells what happens" watching
watching() {
    manifests
    quietly create -f objects.yaml
    follow get cm -l app=web -w --output-watch-events
    lines 3
    quietly label cm one tier=back --overwrite
    lines 4
    quietly label cm two app-
    lines 5
    quietly delete cm one
    followed 6
    follow get svc front -w -o name
    lines 1
    quietly annotate svc front a=b
    followed 2
}

scenario "waits" waiting
waiting() {
    manifests
    quietly create -f objects.yaml
    follow wait --for=delete cm/one --timeout=15s
    requested 'GET .*configmaps.*one'
    quietly delete cm one
    followed 1
    refused wait --for=delete cm/two --timeout=0s
    refused wait --for=condition=Ready cm/two --timeout=100ms
    refused wait --for=condition=Ready cm/nothing --timeout=1s
}

scenario "raw paths" raw
raw() {
    k get --raw /healthz
    echo
    k get --raw "/api/v1/namespaces/$ns/secrets?limit=1&fieldSelector=metadata.name%3Dnothing"
    refused get --raw /nothing
    refused get --raw "/api/v1/namespaces/$ns/configmaps/nothing"
}

scenario "yaml, files and standard input" inputs
inputs() {
    mkdir many
    manifests
    csplit -s -z -f many/part- -b %d.yaml objects.yaml '/^---$/' '{*}'
    k create -f many
    k replace -f many/part-0.yaml
    k delete -f many
    echo 'apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}' >list.yaml
    k apply -f list.yaml
    k replace --force -f list.yaml
    echo '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":1}}' >bad.json
    refused_somehow create --validate=false -f bad.json
    echo '{"apiVersion":"v1","kind":"Nothing","metadata":{"name":"c"}}' >unknown.json
    refused create -f unknown.json
    refused apply -f unknown.json
    printf 'a: [\n' >broken.yaml
    refused apply -f broken.yaml
}
