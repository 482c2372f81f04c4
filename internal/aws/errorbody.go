package aws

import (
	"bytes"
	"io"
)

// flatBody is the body of an error response without the <Errors> that EC2, and some
// emulators of STS, put around <Error>. botocore reads both forms. The Go SDK
// reads only the flat one, and would report a plain refusal as a response that
// is not from STS.
type flatBody struct {
	io.ReadCloser
	rest io.Reader // the part not read yet; nil before the first Read
}

func (f *flatBody) Read(p []byte) (int, error) {
	if f.rest == nil {
		whole, err := io.ReadAll(f.ReadCloser)
		for _, tag := range []string{"<Errors>", "</Errors>"} {
			whole = bytes.Replace(whole, []byte(tag), nil, 1)
		}
		f.rest = bytes.NewReader(whole)
		if err != nil {
			f.rest = io.MultiReader(f.rest, errReader{err})
		}
	}
	return f.rest.Read(p)
}

// errReader returns the error that ended a body early.
type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }
