//go:build linux

package e2e

import (
	"strings"
	"testing"
	"time"

	"understudy/internal/sandbox"
)

// The classes of STS's refusals, each answered by a server as STS does: the exit
// status that a program sees, and a piece of the hint that a person reads.
func TestEachClassOfRefusalHasItsStatusAndItsHint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		class, code, message string
		http                 int
		status               int
		hint                 string
	}{
		{"new login", "ExpiredToken", "The security token included in the request is expired", 403, 4, "write a valid access key into profile"},
		{"new login", "ExpiredTokenException", "The token is expired", 400, 4, "write a valid access key into profile"},
		{"new login", "InvalidClientTokenId", "The security token included in the request is invalid.", 403, 4, "is deleted or inactive"},
		{"new login", "UnrecognizedClientException", "The security token included in the request is invalid", 400, 4, "write a valid access key into profile"},
		{"MFA", "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ", 403, 3, "MFA"},
		{"terminal", "AccessDenied", "User is not authorized to perform: sts:AssumeRole", 403, 4, "trust policy has to allow the caller"},
		{"terminal", "ValidationError", "1 validation error detected", 400, 4, "look at the parameters of the profile"},
		{"terminal", "MalformedPolicyDocument", "Syntax errors in policy.", 400, 4, "look at the parameters of the profile"},
		{"terminal", "PackedPolicyTooLarge", "Packed size is too large", 400, 4, "look at the parameters of the profile"},
		{"terminal", "RegionDisabledException", "STS is not activated in this region", 403, 4, "switches STS on for the region"},
		{"terminal", "SignatureDoesNotMatch", "The request signature we calculated does not match", 403, 4, "does not belong to its access key ID"},
		{"clock", "SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z", 403, 6, "clock"},
		{"clock", "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", 403, 6, "clock"},
		{"retry", "Throttling", "Rate exceeded", 400, 6, "asked too often"},
		{"retry", "ServiceUnavailable", "", 503, 6, "asks again"},
		{"retry", "InternalFailure", "", 500, 6, "asks again"},
		{"retry", "IDPCommunicationError", "", 400, 6, "asks again"},
	} {
		t.Run(c.class+" "+c.code, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, newWorld(t))
			s.STS.Set(sandbox.Behaviour{Fault: sandbox.Fault{Status: c.http, Code: c.code, Message: c.message}})
			o := s.quick(s.Helper("actor"), 15*time.Second)
			s.refused(o, c.status, "actor")
			if _, hint, _ := strings.Cut(o.Stderr, "hint: "); !strings.Contains(hint, c.hint) {
				t.Errorf("the hint lacks %q: %v", c.hint, o)
			}
			if c.message != "" && !strings.Contains(o.Stderr, strings.TrimSuffix(strings.TrimSpace(c.message), ".")) {
				t.Errorf("STS's own words are missing: %v", o)
			}
		})
	}
}
