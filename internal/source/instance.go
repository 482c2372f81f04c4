package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/smithy-go"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// Where an instance finds its metadata.
const (
	metadataIPv4 = "http://169.254.169.254"
	metadataIPv6 = "http://[fd00:ec2::254]"
)

// instance makes the plan of the role of the EC2 instance that this machine is.
func (b *builder) instance(p profile) (*credential.Plan, error) {
	endpoint, err := metadataEndpoint(p)
	if err != nil {
		return nil, err
	}
	v2Only, err := truth(p, "ec2_metadata_v1_disabled")
	if err != nil {
		return nil, err
	}
	m := &instanceRole{r: b.r, endpoint: endpoint}
	if v2Only {
		m.fallback = aws.FalseTernary
	}
	h := sha256.New()
	part(h, "understudy plan 1")
	part(h, "instance", endpoint)
	return &credential.Plan{
		ID: hex.EncodeToString(h.Sum(nil)), Profile: p.name, Source: "role of this instance", Fetch: m.fetch,
	}, nil
}

// metadataEndpoint is where p has the metadata asked. Only what the instance
// itself answers, or a stand-in on this machine, is asked without TLS.
func metadataEndpoint(p profile) (string, error) {
	if v, ok := p.value("ec2_metadata_service_endpoint"); ok {
		u, err := url.Parse(v.Text)
		if err == nil && u.Scheme == "http" && u.User == nil && u.RawQuery == "" && isInstance(u.Hostname()) {
			return strings.TrimSuffix(v.Text, "/"), nil
		}
		if problem := checkURL(v.Text); problem != "" {
			return "", wrong(v, problem, "write "+metadataIPv4+" or "+metadataIPv6)
		}
		return strings.TrimSuffix(v.Text, "/"), nil
	}
	v, ok := p.value("ec2_metadata_service_endpoint_mode")
	switch {
	case !ok || strings.EqualFold(v.Text, "IPv4"):
		return metadataIPv4, nil
	case strings.EqualFold(v.Text, "IPv6"):
		return metadataIPv6, nil
	}
	return "", wrong(v, fmt.Sprintf("= %q", brief(v.Text)), "write IPv4 or IPv6")
}

func isInstance(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip == netip.AddrFrom4([4]byte{169, 254, 169, 254}) || ip == netip.MustParseAddr("fd00:ec2::254"))
}

// instanceRole asks the instance's metadata service.
type instanceRole struct {
	r        *Resolver
	endpoint string
	fallback aws.Ternary // to the service's first version
}

// fetch asks by the SDK's own provider, over connections of ours: no proxy, no
// redirect, an answer of bounded size. A client lives for one fetch, since the
// SDK's remembers for ever that the second version did not answer once.
func (m *instanceRole) fetch(ctx context.Context, _ credential.Session) (credential.Session, error) {
	within, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	seen := &answer{host: hostOf(m.endpoint), now: m.r.Now}
	provider := ec2rolecreds.New(func(o *ec2rolecreds.Options) {
		o.Client = imds.New(imds.Options{
			Endpoint: m.endpoint, HTTPClient: m.r.near.client(), Retryer: aws.NopRetryer{},
			ClientEnableState: imds.ClientEnabled, EnableFallback: m.fallback,
		})
	})
	got, err := retrieve(withAnswer(within, seen), provider)
	if err != nil {
		return credential.Session{}, m.explain(err, seen)
	}
	return sessionOf(fromSDK(got), m.r.Now(), "the instance's metadata")
}

// explain classifies what went wrong. The SDK's own words hold whole answers.
func (m *instanceRole) explain(err error, seen *answer) error {
	f := &credential.Failure{Code: wire.Temporary, Hint: "the metadata service could not answer; understudy asks again", RetryAfter: seen.retryAfter()}
	api, refused := errors.AsType[*smithy.GenericAPIError](err)
	switch {
	case refused:
		f.Reason = text.Clean("the instance's metadata: " + api.Code + ": " + api.Message)
	case seen.status == http.StatusNotFound:
		f.Code, f.Reason = wire.Denied, "the instance's metadata: this instance has no role"
		f.Hint = "attach a role to the instance: an instance profile"
	case seen.status != 0:
		f.Reason = text.Clean(fmt.Sprintf("the instance's metadata: %s answered %s", seen.host, seen.kind()))
	default:
		f.Reason = text.Clean("the instance's metadata: " + nearCause(err, seen.host))
		f.Hint = "credential_source = Ec2InstanceMetadata works on an EC2 instance whose metadata service is switched on"
	}
	return f
}
