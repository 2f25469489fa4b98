# shellcheck shell=bash disable=SC2154 # words.sh has ns
# Kinds: discovery, explain, custom resources, access.

scenario "lists kinds and versions" discovery
discovery() {
    sorted api-resources --api-group=apps
    sorted api-resources --api-group='' --verbs=list --namespaced -o name
    sorted api-resources --api-group=rbac.authorization.k8s.io -o wide
    sorted api-resources --api-group=batch --no-headers
    quietly api-versions
    kubectl api-versions >versions
    grep -E '^(v1|apps/v1|batch/v1|rbac.authorization.k8s.io/v1|policy/v1beta1)$' versions
    k version --client=false -o json >version.json
    grep -E 'gitVersion.*v1\.20' version.json | sed 's/\(v1\.20\)[^"]*/\1/'
    k api-resources --api-group=nothing --no-headers
    k cluster-info
}

# Descriptions are the documentation's; what counts are the fields and their types.
fields() {
    printf '$ kubectl explain %s\n' "$*"
    kubectl explain "$@" 2>&1 | awk '/^(KIND|VERSION|FIELD|RESOURCE)|^ +[A-Za-z0-9]+\t *<.*>/ { print $1, $2 }'
}

scenario "explains" explaining
explaining() {
    fields configmap
    fields deployment.spec
    fields pod.spec.containers
    fields role.rules --recursive
    refused explain nothing
    refused explain pod.nothing
}

definition() {
    cat >crd.yaml <<END
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.$ns.example.com}
spec:
  group: $ns.example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [all, toys]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size, description: How big it is.}
    - {name: Color, type: string, jsonPath: .spec.color, priority: 1}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        description: A widget is a thing.
        properties:
          spec:
            type: object
            description: What is wanted.
            required: [size]
            properties:
              size: {type: integer, minimum: 1, description: How big it is.}
              color: {type: string, enum: [red, blue], default: red}
              replicas: {type: integer}
              parts:
                type: array
                items: {type: object, properties: {name: {type: string}}}
          status:
            type: object
            properties:
              replicas: {type: integer}
              conditions:
                type: array
                items:
                  type: object
                  properties: {type: {type: string}, status: {type: string}}
END
    cat >widget.yaml <<END
apiVersion: $ns.example.com/v1
kind: Widget
metadata: {name: w}
spec: {size: 3}
END
}

scenario "custom resources" custom
custom() {
    definition
    k apply -f crd.yaml
    k wait --for=condition=Established crd "widgets.$ns.example.com" --timeout=15s
    k get crd "widgets.$ns.example.com"
    await 'widgets' api-resources --api-group="$ns.example.com"
    await 'created' create -f widget.yaml
    k get widgets
    k get wd w -o wide
    k get widget.v1."$ns.example.com"/w -o yaml
    k get toys
    k scale --replicas=2 widget w
    k get widget w -o 'jsonpath={.spec}{"\n"}'
    sed -i 's/size: 3/size: 0/' widget.yaml
    refused apply -f widget.yaml
    sed -i 's/size: 0/size: 4, color: green/' widget.yaml
    refused apply -f widget.yaml
    sed -i 's/color: green/color: blue, unknown: 1/' widget.yaml
    refused apply -f widget.yaml
    k apply --validate=false -f widget.yaml
    k get widget w -o 'jsonpath={.spec}{"\n"}'
    refused apply --server-side --force-conflicts --validate=false -f widget.yaml
    sed -i 's/, unknown: 1//' widget.yaml
    k apply --server-side --force-conflicts -f widget.yaml
    k patch widget w --type=merge -p '{"spec":{"parts":[{"name":"a"}]}}'
    refused patch widget w -p '{"spec":{"size":5}}'
    k patch widget w --type=json -p '[{"op":"add","path":"/spec/parts/-","value":{"name":"b"}}]'
    k get widget w -o 'jsonpath={.spec}{"\n"}'
    await 'How big it is' explain widget.spec
    k explain widget.spec.parts
    kubectl get --raw "/apis/$ns.example.com/v1" | jq -S 'del(.resources[].storageVersionHash)'
    k delete crd "widgets.$ns.example.com"
    refused get widgets
}

scenario "waits for conditions of custom resources" conditions
conditions() {
    definition
    quietly create -f crd.yaml
    quietly wait --for=condition=Established crd "widgets.$ns.example.com" --timeout=15s
    await 'created' create -f widget.yaml
    follow wait --for=condition=Ready widget/w --timeout=15s
    requested 'GET .*widgets.*w'
    local version
    version=$(kubectl -n "$ns" get widget w -o 'jsonpath={.metadata.resourceVersion}')
    kubectl replace --raw "/apis/$ns.example.com/v1/namespaces/$ns/widgets/w/status" -f - >/dev/null <<END
{"apiVersion":"$ns.example.com/v1","kind":"Widget","metadata":{"name":"w","resourceVersion":"$version"},
 "status":{"conditions":[{"type":"Ready","status":"True"}]}}
END
    followed 1
    k get widget w -o yaml
    quietly delete crd "widgets.$ns.example.com"
}

scenario "who may do what" access
access() {
    quietly create serviceaccount robot
    echo "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"Role\",\"metadata\":{\"name\":\"r\",\"namespace\":\"$ns\"},
        \"rules\":[{\"apiGroups\":[\"\"],\"resources\":[\"configmaps\"],\"verbs\":[\"get\",\"list\"]}]}" >role.json
    k create -f role.json
    k create rolebinding r --role=r --serviceaccount="$ns:robot"
    k auth can-i create pods
    local as=--as=system:serviceaccount:$ns:robot
    k auth can-i get configmaps "$as"
    refused auth can-i delete configmaps "$as"
    refused auth can-i get configmaps -n default "$as"
    k get cm "$as" -o name -l x=nothing
    refused get secrets "$as"
    refused create -f role.json "$as"
    # Who may read the issuer of tokens is not granted on every server.
    sorted auth can-i --list "$as" | grep -v openid
    k describe role r
    k describe rolebinding r
    k auth reconcile -f role.json
    # kubectl has it since 1.24.
    if kubectl create --help | grep -q '^ *token '; then
        local token
        token=$(kubectl -n "$ns" create token robot)
        quietly --token="$token" get cm
        k create token robot --duration=700s --audience=x >token.txt
        grep -cE '^[^.]+\.[^.]+\.[^.]+$' token.txt
        refused create token nobody
    fi
}
