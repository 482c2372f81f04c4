package source

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"understudy/internal/credential"
)

// The URLs of an instance's metadata service.
const (
	metadataIPv4 = "http://169.254.169.254"
	metadataIPv6 = "http://[fd00:ec2::254]"
)

const metadataKeys = "ec2_metadata_service_endpoint ec2_metadata_service_endpoint_mode ec2_metadata_v1_disabled"

// instance makes the plan of the role of the EC2 instance that the daemon runs on.
func (b *builder) instance(p profile) (*credential.Plan, error) {
	endpoint, err := metadataEndpoint(p)
	if err != nil {
		return nil, err
	}
	v2Only, err := boolean(p, "ec2_metadata_v1_disabled")
	if err != nil {
		return nil, err
	}
	h := newIdentity()
	part(h, "instance", endpoint)
	r := b.r
	return &credential.Plan{
		ID: sum(h), Profile: p.name, Source: "role of this instance",
		Fetch: func(ctx context.Context, _ credential.Session) (credential.Session, error) {
			return r.aws.InstanceRole(ctx, endpoint, v2Only)
		},
	}, nil
}

// metadataEndpoint is the URL of the metadata service for p. Plain HTTP is for
// the instance's own addresses, and for emulators on this machine.
func metadataEndpoint(p profile) (string, error) {
	if v, ok := p.value("ec2_metadata_service_endpoint"); ok {
		u, err := url.Parse(v.Text)
		if err == nil && u.Scheme == "http" && u.User == nil && u.RawQuery == "" && isInstance(u.Hostname()) {
			return strings.TrimSuffix(v.Text, "/"), nil
		}
		if problem := checkURL(v.Text); problem != "" {
			return "", badValue(v, problem, "write "+metadataIPv4+" or "+metadataIPv6)
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
	return "", badValue(v, fmt.Sprintf("= %q", brief(v.Text)), "write IPv4 or IPv6")
}

func isInstance(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip == netip.AddrFrom4([4]byte{169, 254, 169, 254}) || ip == netip.MustParseAddr("fd00:ec2::254"))
}
