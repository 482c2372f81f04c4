package source

import (
	"testing"

	"understudy/internal/sandbox"
	"understudy/internal/wire"
)

func TestARefusalInTheFormOfEC2IsReadAsBotocoreReadsIt(t *testing.T) {
	s, sts := withSTS(t, adminRole)
	sts.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: 403, Body: &sandbox.Body{Text: `<?xml version="1.0"?><ErrorResponse><Errors><Error>` +
		`<Code>AccessDenied</Code><Message>User: alice is not authorized to perform: sts:AssumeRole</Message></Error></Errors></ErrorResponse>`}}})
	f := s.failure(t, "admin")
	if f.Code != wire.Denied {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Reason, "AccessDenied: User: alice is not authorized to perform: sts:AssumeRole")
}
