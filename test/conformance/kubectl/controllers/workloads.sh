# shellcheck shell=bash disable=SC2154 # words.sh has ns
# Workloads: what the controllers make of them, and what goes with them.

# rolled_out ARGUMENTS: `rollout status`, of which only the end is told: how many steps there are is chance.
rolled_out() {
    printf '$ kubectl rollout status %s\n' "$*"
    kubectl -n "$ns" rollout status --timeout=60s "$@" 2>&1 | tail -n 1
}

scenario "deployments roll out, back and again" rollouts
rollouts() {
    k create deployment web --image=web:1 --replicas=2
    rolled_out deployment/web
    await '2/2' get deployment web -o wide
    k get replicasets --show-labels
    sorted get pods -l app=web -o 'custom-columns=NAME:.metadata.name,PHASE:.status.phase,NODE:.spec.nodeName' --no-headers
    k scale deployment web --replicas=3
    rolled_out deployment/web
    refused scale deployment web --replicas=1 --current-replicas=9
    k set image deployment/web web=web:2
    rolled_out deployment/web
    k rollout history deployment/web
    k rollout undo deployment/web
    rolled_out deployment/web
    k get deployment web -o 'jsonpath={.spec.template.spec.containers[0].image}{"\n"}'
    k rollout history deployment/web
    k rollout restart deployment/web
    rolled_out deployment/web
    k rollout pause deployment/web
    refused rollout pause deployment/web
    k rollout resume deployment/web
    await '3/3 +3 +3' get deployment web
    k wait --for=condition=Available deployment/web --timeout=30s
    sorted get all -o name
    k delete deployment web --cascade=foreground --wait=true
    await '^No resources found' get replicasets,pods
}

scenario "daemon sets and replica sets" sets
sets() {
    cat >sets.yaml <<'END'
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: "agent:1"}]}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: three}
spec:
  replicas: 3
  selector: {matchLabels: {app: three}}
  template:
    metadata: {labels: {app: three}}
    spec: {containers: [{name: three, image: "three:1"}]}
END
    k apply -f sets.yaml
    rolled_out daemonset/agent
    await '^three +3 +3 +3' get replicaset three
    k get daemonset agent -o wide
    k set image daemonset/agent agent=agent:2
    rolled_out daemonset/agent
    k delete -f sets.yaml
    await '^No resources found' get pods
}

scenario "what goes with a deployment, and what stays" cascades
cascades() {
    local way
    for way in background orphan; do
        k create deployment "$way" --image=web:1
        rolled_out "deployment/$way"
        k delete deployment "$way" --cascade="$way"
    done
    await '^No resources found' get replicasets -l app=background
    sorted get replicasets,pods -l app=orphan -o 'custom-columns=KIND:.kind,OWNERS:.metadata.ownerReferences[*].kind' --no-headers
    # It takes them over again.
    k create deployment orphan --image=web:1
    rolled_out deployment/orphan
    k get replicasets -l app=orphan -o 'custom-columns=KIND:.kind,OWNERS:.metadata.ownerReferences[*].name' --no-headers
    k delete deployment orphan
    await '^No resources found' get pods -l app=orphan
}

scenario "a namespace goes with all that is in it" namespaces
namespaces() {
    k create namespace "$ns-more"
    await 'default' get serviceaccounts -n "$ns-more" --no-headers
    kubectl -n "$ns-more" create deployment web --image=web:1
    await '1/1' get deployment web -n "$ns-more"
    k delete namespace "$ns-more"
    refused get namespace "$ns-more"
}

scenario "services find their pods" services
services() {
    k create deployment web --image=web:1
    k expose deployment web --port=80 --target-port=8080
    rolled_out deployment/web
    await '^8080$' get endpoints web -o 'jsonpath={.subsets[*].ports[*].port}{"\n"}'
    k scale deployment web --replicas=0
    await '^none$' get endpoints web -o 'go-template={{if .subsets}}some{{else}}none{{end}}{{"\n"}}'
}
