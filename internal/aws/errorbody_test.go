package aws

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestABrokenErrorBodyStaysBroken(t *testing.T) {
	gone := errors.New("gone")
	body := &flatBody{ReadCloser: io.NopCloser(io.MultiReader(strings.NewReader("<Errors>half"), iotest.ErrReader(gone)))}
	if got, err := io.ReadAll(iotest.OneByteReader(body)); string(got) != "half" || !errors.Is(err, gone) {
		t.Errorf("read %q, %v", got, err)
	}
}
