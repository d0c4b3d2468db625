# A stand-in for a Kubernetes cluster, of Kubernetes' own code: only the tests need it.
# shellcheck shell=sh disable=SC2034,SC2154

# Sets `kube_peer` to its binary. Takes a HIVE_TEST_KUBE_PEER that is set at its word.
set_up_kube_peer() {
  kube_peer=${HIVE_TEST_KUBE_PEER:-}
  [ -z "$kube_peer" ] || return 0
  kube_module=$repository/test/support/kube-peer
  kube_directory=kube-peer-$(cat "$kube_module/go.mod" "$kube_module/go.sum" "$kube_module/main.go" | sha256sum | cut -c1-16)
  if [ ! -x "$cache/$kube_directory/kube-peer" ]; then
    require_go 26
    say "Building a stand-in for Kubernetes with Go, once: this takes some minutes"
    kube_part=$(new_part)
    run_go "the stand-in for Kubernetes" go -C "$kube_module" build -mod=readonly -trimpath -buildvcs=false \
      -ldflags '-s -w' -o "$kube_part/kube-peer" .
    publish "$kube_part" "$kube_directory"
  fi
  kube_peer=$cache/$kube_directory/kube-peer
}
