package daemon

import "testing"

func TestTheNetworkHasANameThatStays(t *testing.T) {
	if first := network(); first == "" || first != network() {
		t.Errorf("%q, then %q", first, network())
	}
}
