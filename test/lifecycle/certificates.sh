# shellcheck shell=bash
# certificates.sh - what a cluster shows of the certificates that the service got for it. Sourced after lib.sh.

# presented NAMESPACE SECRET: the certificate in it, as openssl tells it.
presented() { kube "$1" -n "$2" get secret "$3" -o json | jq -r '.data["tls.crt"] | @base64d' | openssl x509 -noout -text; }

# certificates NAME: both of the vault are where API server and ingress look for them.
certificates() {
    local api ingress
    api=$(kube "$1" get apiserver cluster -o json | jq -r '.spec.servingCerts.namedCertificates[0].servingCertificate.name')
    ingress=$(kube "$1" -n openshift-ingress-operator get ingresscontroller default -o json | jq -r .spec.defaultCertificate.name)
    expect_text '^[-0-9a-f]{36}-apiserver$' <<<"$api"
    expect "${api%-apiserver}-ingress" = "$ingress"
    presented "$1" openshift-config "$api" | expect_text "DNS:api\.$1\.aro\.example"
    presented "$1" openshift-ingress "$ingress" | expect_text "DNS:\*\.apps\.$1\.aro\.example"
}
