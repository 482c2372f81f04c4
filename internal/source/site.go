package source

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// site is where STS is asked, and how the way there is trusted.
type site struct {
	region   string
	endpoint string // that the configuration names; empty means AWS's own
	resolved string // the URL that comes of it all
	host     string // of resolved, for people
	bundle   string // path of the CA bundle; empty means the system's roots
	fips     bool
	dual     bool
	global   bool // sts_regional_endpoints = legacy
}

// site finds where p's calls go. below is the region of the profiles that sign
// for it; partition decides when nobody names one.
func (b *builder) site(p profile, below awsconfig.Value, partition string) (site, error) {
	s, err := b.place(p, below, partition)
	if err != nil {
		return s, err
	}
	if s.endpoint, err = b.endpoint(p); err != nil {
		return s, err
	}
	if s, err = s.resolve(p); err != nil {
		return s, err
	}
	b.asks = append(b.asks, s)
	return s, nil
}

// place is a site but for what is STS's own: its endpoint.
func (b *builder) place(p profile, below awsconfig.Value, partition string) (site, error) {
	var s site
	v, ok := p.value("region")
	if !ok {
		v, ok = below, below.Text != ""
	}
	switch {
	case ok && !isRegion(v.Text):
		return s, wrong(v, fmt.Sprintf("= %q is not the name of a region", brief(v.Text)), regionRule)
	case ok:
		s.region = v.Text
	default:
		if s.region = defaultRegion(partition); s.region == "" {
			return s, &credential.Failure{
				Code:   wire.BadConfig,
				Reason: text.Clean(fmt.Sprintf("%s: profile %q: no region, and none is known for the partition %s", p.At(), p.name, partition)),
				Hint:   "write understudy_region and the region of STS into the profile",
			}
		}
	}
	var err error
	if s.fips, err = truth(p, "use_fips_endpoint"); err != nil {
		return s, err
	}
	if s.dual, err = truth(p, "use_dualstack_endpoint"); err != nil {
		return s, err
	}
	if s.global, err = legacy(p); err != nil {
		return s, err
	}
	s.bundle, err = b.bundle(p)
	return s, err
}

const regionRule = "write it as eu-west-1; for FIPS write use_fips_endpoint = true beside it"

// resolve asks the SDK's own endpoint rules, so that what they refuse is told
// before anything is sent.
func (s site) resolve(p profile) (site, error) {
	got, err := sts.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), s.parameters())
	if err != nil {
		return s, unresolved(p, s.region, err)
	}
	s.resolved, s.host = got.URI.String(), got.URI.Host
	return s, nil
}

// unresolved says that the SDK's rules know no endpoint.
func unresolved(p profile, region string, err error) error {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: text.Clean(fmt.Sprintf("%s: profile %q: region %s with its endpoint settings: %v", p.At(), p.name, region, err)),
		Hint:   "look at region, endpoint_url, use_fips_endpoint and use_dualstack_endpoint",
	}
}

func (s site) parameters() sts.EndpointParameters {
	p := sts.EndpointParameters{
		Region: &s.region, UseFIPS: &s.fips, UseDualStack: &s.dual, UseGlobalEndpoint: aws.Bool(s.global && s.endpoint == ""),
	}
	if s.endpoint != "" {
		p.Endpoint = &s.endpoint
	}
	return p
}

func truth(p profile, key string) (bool, error) {
	v, ok := p.value(key)
	if !ok || strings.EqualFold(v.Text, "false") {
		return false, nil
	}
	if strings.EqualFold(v.Text, "true") {
		return true, nil
	}
	return false, wrong(v, fmt.Sprintf("= %q", brief(v.Text)), "write true or false")
}

func legacy(p profile) (bool, error) {
	v, ok := p.value("sts_regional_endpoints")
	if !ok || strings.EqualFold(v.Text, "regional") {
		return false, nil
	}
	if strings.EqualFold(v.Text, "legacy") {
		return true, nil
	}
	return false, wrong(v, fmt.Sprintf("= %q", brief(v.Text)), "write regional or legacy")
}
