package source

import (
	"fmt"
	"os"
	"strings"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// endpoint finds the STS of p. base is the region of the profiles that sign for
// it; partition decides if no profile names a region.
func (b *builder) endpoint(p profile, base awsconfig.Value, partition string) (aws.Endpoint, error) {
	e, err := b.region(p, base, partition)
	if err != nil {
		return e, err
	}
	if e.URL, err = b.stsURL(p); err != nil {
		return e, err
	}
	// Rejected settings are reported here, before anything is sent.
	resolved, err := e.ResolveSTS()
	if err != nil {
		return e, unresolved(p, e.Region, err)
	}
	b.sts = append(b.sts, resolved)
	return resolved, nil
}

// region returns an endpoint without a URL, which differs between services.
func (b *builder) region(p profile, base awsconfig.Value, partition string) (aws.Endpoint, error) {
	var e aws.Endpoint
	v, ok := p.value("region")
	if !ok {
		v, ok = base, base.Text != ""
	}
	switch {
	case ok && !isRegion(v.Text):
		return e, badValue(v, fmt.Sprintf("= %q is not the name of a region", brief(v.Text)), regionRule)
	case ok:
		e.Region = v.Text
	default:
		if e.Region = defaultRegion(partition); e.Region == "" {
			return e, &credential.Failure{
				Code:   wire.BadConfig,
				Reason: text.Clean(fmt.Sprintf("%s: profile %q: no region, and none is known for the partition %s", p.At(), p.name, partition)),
				Hint:   "write understudy_region and the region of STS into the profile",
			}
		}
	}
	var err error
	if e.FIPS, err = boolean(p, "use_fips_endpoint"); err != nil {
		return e, err
	}
	if e.DualStack, err = boolean(p, "use_dualstack_endpoint"); err != nil {
		return e, err
	}
	if e.Global, err = legacy(p); err != nil {
		return e, err
	}
	e.CABundle, err = b.bundle(p)
	return e, err
}

const regionRule = "write it as eu-west-1; for FIPS write use_fips_endpoint = true beside it"

// unresolved is the Failure of settings for which the SDK knows no endpoint.
func unresolved(p profile, region string, err error) error {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: text.Clean(fmt.Sprintf("%s: profile %q: region %s with its endpoint settings: %v", p.At(), p.name, region, err)),
		Hint:   "look at region, endpoint_url, use_fips_endpoint and use_dualstack_endpoint",
	}
}

func boolean(p profile, key string) (bool, error) {
	v, ok := p.value(key)
	if !ok || strings.EqualFold(v.Text, "false") {
		return false, nil
	}
	if strings.EqualFold(v.Text, "true") {
		return true, nil
	}
	return false, badValue(v, fmt.Sprintf("= %q", brief(v.Text)), "write true or false")
}

func legacy(p profile) (bool, error) {
	v, ok := p.value("sts_regional_endpoints")
	if !ok || strings.EqualFold(v.Text, "regional") {
		return false, nil
	}
	if strings.EqualFold(v.Text, "legacy") {
		return true, nil
	}
	return false, badValue(v, fmt.Sprintf("= %q", brief(v.Text)), "write regional or legacy")
}

// EnvCABundle names the environment variable with the CA bundle for profiles
// that name none.
const EnvCABundle = aws.EnvCABundle

// bundle returns the path of the CA bundle for p: its own, the Resolver's, or
// that of the environment. A bundle that p names is read here, so that an error
// has its line. Requests read it again when it changes.
func (b *builder) bundle(p profile) (string, error) {
	v, ok := p.value("ca_bundle")
	if !ok {
		return b.r.defaultBundle(), nil
	}
	path, err := absolute(v)
	if err != nil {
		return "", err
	}
	read, err := aws.CheckBundle(path)
	if err != nil {
		return "", badValue(v, fmt.Sprintf("cannot be used: %v", err), "name a PEM file with the CA's certificates")
	}
	b.read = append(b.read, read)
	return path, nil
}

// defaultBundle is the CA bundle of profiles that name none.
func (r *Resolver) defaultBundle() string {
	if r.CABundle != "" {
		return r.CABundle
	}
	return os.Getenv(EnvCABundle)
}
