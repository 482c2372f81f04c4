package source

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"understudy/internal/sandbox"
	"understudy/internal/wire"
)

func TestARefusalInTheShapeOfEC2IsReadAsBotocoreReadsIt(t *testing.T) {
	s, sts := withSTS(t, adminRole)
	sts.Set(sandbox.Behaviour{Status: 403, Body: &sandbox.Body{Text: `<?xml version="1.0"?><ErrorResponse><Errors><Error>` +
		`<Code>AccessDenied</Code><Message>User: alice is not authorized to perform: sts:AssumeRole</Message></Error></Errors></ErrorResponse>`}})
	f := s.failure(t, "admin")
	if f.Code != wire.Denied {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Reason, "AccessDenied: User: alice is not authorized to perform: sts:AssumeRole")
}

func TestABrokenErrorBodyStaysBroken(t *testing.T) {
	gone := errors.New("gone")
	body := &flat{ReadCloser: io.NopCloser(io.MultiReader(strings.NewReader("<Errors>half"), iotest.ErrReader(gone)))}
	if got, err := io.ReadAll(iotest.OneByteReader(body)); string(got) != "half" || !errors.Is(err, gone) {
		t.Errorf("read %q, %v", got, err)
	}
}
