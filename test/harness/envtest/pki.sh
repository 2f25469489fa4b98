# Keys, certificates and kubeconfig files of one private control plane, in $dir/pki. Sourced by
# hack/envtest-run.sh; needs $dir (absolute) and the openssl command. Everything lives for two days.
# shellcheck shell=bash disable=SC2154

# pki_ca: a new certificate authority, also copied to $dir/ca.crt.
pki_ca() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -days 2 \
        -subj /CN=envtest-ca -addext keyUsage=critical,digitalSignature,keyCertSign,cRLSign \
        -keyout "$dir/pki/ca.key" -out "$dir/pki/ca.crt" 2>/dev/null
    cp "$dir/pki/ca.crt" "$dir/ca.crt"
}

# pki_leaf NAME SUBJECT USAGE [SAN]: $dir/pki/NAME.key and NAME.crt signed by our authority.
# SUBJECT in openssl's form, such as /O=system:masters/CN=admin.
pki_leaf() {
    local name=$1 subject=$2 usage=$3 san=${4:-} base=$dir/pki/$1
    {
        printf 'basicConstraints=critical,CA:FALSE\n'
        printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=%s\n' "$usage"
        if [[ -n $san ]]; then
            printf 'subjectAltName=%s\n' "$san"
        fi
    } >"$base.ext"
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 \
        -subj "$subject" -keyout "$base.key" -out "$base.csr" 2>/dev/null
    openssl x509 -req -in "$base.csr" -CA "$dir/pki/ca.crt" -CAkey "$dir/pki/ca.key" \
        -set_serial "0x$(openssl rand -hex 15)" -days 2 -sha256 -extfile "$base.ext" \
        -out "$base.crt" 2>/dev/null || {
        printf 'cannot sign the certificate %s\n' "$name" >&2
        return 1
    }
    rm "$base.ext" "$base.csr"
}

pki_user() {
    local name=$1 user=$2 subject="" group
    shift 2
    for group in "$@"; do
        subject+="/O=$group"
    done
    pki_leaf "$name" "$subject/CN=$user" clientAuth
}

# pki_kubeconfig FILE NAME SERVER: a kubeconfig with everything embedded, for the client certificate
# $dir/pki/NAME.crt. Written to a temporary file first: a reader sees all or nothing.
pki_kubeconfig() {
    local file=$1 base=$dir/pki/$2 server=$3
    cat >"$file.tmp" <<END
apiVersion: v1
kind: Config
clusters:
- name: envtest
  cluster:
    server: $server
    certificate-authority-data: $(base64 -w 0 "$dir/pki/ca.crt")
users:
- name: $2
  user:
    client-certificate-data: $(base64 -w 0 "$base.crt")
    client-key-data: $(base64 -w 0 "$base.key")
contexts:
- name: $2
  context:
    cluster: envtest
    user: $2
current-context: $2
END
    chmod 600 "$file.tmp"
    mv "$file.tmp" "$file"
}
