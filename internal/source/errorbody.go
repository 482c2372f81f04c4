package source

import (
	"bytes"
	"io"
)

// flat is the body of an error answer without the <Errors> that EC2, and some
// servers that stand in for STS, put round <Error>. botocore reads both shapes,
// the Go SDK only the flat one, and would take a plain refusal for an answer
// that is not STS's.
type flat struct {
	io.ReadCloser
	rest io.Reader // what is still to be read; nil before the first Read
}

func (f *flat) Read(p []byte) (int, error) {
	if f.rest == nil {
		whole, err := io.ReadAll(f.ReadCloser)
		for _, tag := range []string{"<Errors>", "</Errors>"} {
			whole = bytes.Replace(whole, []byte(tag), nil, 1)
		}
		f.rest = bytes.NewReader(whole)
		if err != nil {
			f.rest = io.MultiReader(f.rest, broken{err})
		}
	}
	return f.rest.Read(p)
}

// broken is where a body came to an untimely end.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
