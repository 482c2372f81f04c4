package source

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

const maxBundle = 8 << 20 // bytes; the system's whole store is about 250 KB

// bundle returns the path of the CA bundle for p: its own, the Resolver's, or
// what the environment names. It is read here so that one that cannot be used is
// told with its line; the client that uses it reads it again when it changes.
func (b *builder) bundle(p profile) (string, error) {
	if v, ok := p.value("ca_bundle"); ok {
		path, err := absolute(v)
		if err != nil {
			return "", err
		}
		_, read, err := roots(path)
		if err != nil {
			return "", wrong(v, fmt.Sprintf("cannot be used: %v", err), "name a PEM file with the CA's certificates")
		}
		b.read = append(b.read, read)
		return path, nil
	}
	return b.r.defaultBundle(), nil
}

// defaultBundle is the CA bundle where no profile names one.
func (r *Resolver) defaultBundle() string {
	if r.CABundle != "" {
		return r.CABundle
	}
	return os.Getenv(EnvCABundle)
}

// roots reads the certificates of a PEM file.
func roots(path string) (*x509.CertPool, stamp, error) {
	pem, read, err := readFile(path, maxBundle)
	if err != nil {
		return nil, read, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, read, errors.New(path + " holds no certificate in PEM form")
	}
	return pool, read, nil
}

// badBundle says that a CA bundle cannot be used at the time of a call. Nothing
// is sent without it.
func badBundle(err error) *credential.Failure {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: text.Clean("the CA bundle cannot be used: " + err.Error()),
		Hint:   "look at ca_bundle of the profile, and at " + EnvCABundle + " or AWS_CA_BUNDLE where the daemon was started",
	}
}
