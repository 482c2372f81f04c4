package aws

import (
	"context"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Endpoint is the endpoint of a service, and the CAs that its server may use. It is
// comparable, and each value has clients of its own.
type Endpoint struct {
	Region    string // such as eu-west-1; required
	URL       string // named by the configuration; empty means AWS's own
	FIPS      bool
	DualStack bool
	Global    bool   // sts_regional_endpoints = legacy; for STS only
	CABundle  string // path of a PEM file; empty means the system's roots

	// Set by ResolveSTS.
	Resolved string // the URL that follows from all of these
	Host     string // of Resolved, for messages
}

// ResolveSTS sets Resolved and Host by the SDK's own rules. An error says which
// settings they reject, in the SDK's words.
func (e Endpoint) ResolveSTS() (Endpoint, error) {
	got, err := sts.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), e.stsParameters())
	if err != nil {
		return e, err
	}
	e.Resolved, e.Host = got.URI.String(), got.URI.Host
	return e, nil
}

func (e Endpoint) stsParameters() sts.EndpointParameters {
	return sts.EndpointParameters{
		Region: &e.Region, UseFIPS: &e.FIPS, UseDualStack: &e.DualStack,
		UseGlobalEndpoint: sdk.Bool(e.Global && e.URL == ""), Endpoint: optional(e.URL),
	}
}

// ResolveOIDC returns the URL, without a slash at its end, of the service that
// signs in at Identity Center. Errors are those of ResolveSTS.
func (e Endpoint) ResolveOIDC() (string, error) {
	got, err := ssooidc.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), ssooidc.EndpointParameters{
		Region: &e.Region, UseFIPS: &e.FIPS, UseDualStack: &e.DualStack, Endpoint: optional(e.URL),
	})
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(got.URI.String(), "/"), nil
}

// ResolvePortal is ResolveOIDC for the service that issues the sessions of a
// permission set.
func (e Endpoint) ResolvePortal() (string, error) {
	got, err := sso.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), sso.EndpointParameters{
		Region: &e.Region, UseFIPS: &e.FIPS, UseDualStack: &e.DualStack, Endpoint: optional(e.URL),
	})
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(got.URI.String(), "/"), nil
}

// FIPSState and DualStackState are the two settings as clients of the SDK take them.
func (e Endpoint) FIPSState() sdk.FIPSEndpointState {
	if e.FIPS {
		return sdk.FIPSEndpointStateEnabled
	}
	return sdk.FIPSEndpointStateUnset
}

// DualStackState is like FIPSState.
func (e Endpoint) DualStackState() sdk.DualStackEndpointState {
	if e.DualStack {
		return sdk.DualStackEndpointStateEnabled
	}
	return sdk.DualStackEndpointStateUnset
}

// optional is a parameter of the SDK; nil if s is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
