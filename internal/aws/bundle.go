package aws

import (
	"crypto/x509"
	"errors"

	"understudy/internal/credential"
	"understudy/internal/stamp"
	"understudy/internal/text"
	"understudy/internal/wire"
)

const maxBundle = 8 << 20 // bytes; the system's whole store is about 250 KB

// EnvCABundle names the environment variable with the CA bundle for profiles
// that name none. It is not AWS_CA_BUNDLE, because AWS_* variables are removed from
// the daemon's environment; the program that starts the daemon passes the value under
// this name.
const EnvCABundle = "UNDERSTUDY_CA_BUNDLE"

// CheckBundle reads a CA bundle and returns the state of its file. A request
// reads it again, so this only serves to reject it earlier.
func CheckBundle(path string) (stamp.File, error) {
	_, read, err := readBundle(path)
	return read, err
}

// readBundle reads the certificates of a PEM file.
func readBundle(path string) (*x509.CertPool, stamp.File, error) {
	pem, read, err := stamp.Read(path, maxBundle)
	if err != nil {
		return nil, read, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, read, errors.New(path + " holds no certificate in PEM form")
	}
	return pool, read, nil
}

// badBundle is the Failure of a CA bundle that cannot be used when a request is
// due. Nothing is sent without it.
func badBundle(err error) *credential.Failure {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: text.Clean("the CA bundle cannot be used: " + err.Error()),
		Hint:   "look at ca_bundle of the profile, and at " + EnvCABundle + " or AWS_CA_BUNDLE where the daemon was started",
	}
}
