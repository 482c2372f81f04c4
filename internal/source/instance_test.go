package source

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/sandbox/cloud"
	"understudy/internal/sandbox/metadata"
	"understudy/internal/sandbox/steer"
	"understudy/internal/wire"
)

// inCloud is a stage with a whole fake cloud; config makes the file for its URL.
func inCloud(t *testing.T, config func(url string) string) (*stage, *cloud.Cloud) {
	t.Helper()
	c := cloud.New()
	url := serve(t, c)
	t.Cleanup(c.Heal)
	return newStage(t, url, config(url), aliceKeys), c
}

func onInstance(url string) string {
	return around("Ec2InstanceMetadata", "understudy_ec2_metadata_service_endpoint = "+url+"/\n")
}

func TestTheRoleOfTheInstanceSignsForARole(t *testing.T) {
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	s, c := inCloud(t, onInstance)
	p := s.plan(t, "x")
	if p.Source != "role via role of this instance" || p.Base == nil || p.Base.Source != "role of this instance" || p.Base.Slow() {
		t.Errorf("plan = %+v", p)
	}
	if got := s.session(t, "x"); got.Lifetime > time.Hour+time.Minute {
		t.Errorf("lifetime %v", got.Lifetime)
	}
	base, err := p.Base.Fetch(t.Context(), credential.Session{})
	if err != nil || base.Lifetime > time.Hour+time.Minute || base.Lifetime < 59*time.Minute {
		t.Errorf("the instance's own: %v, %v", base, err)
	}
	if last := c.STS.Calls()[0]; last.Op != "AssumeRole" || last.Key != base.AccessKeyID {
		t.Errorf("%s signed with %s", last.Op, last.Key)
	}
	if c.Instance.Count("GetToken") == 0 {
		t.Error("the first version was spoken")
	}
	again := newStage(t, "", onInstance("http://127.0.0.1:2")+strings.Replace(onInstance("http://127.0.0.1:2"), "profile x", "profile y", 1), "")
	if a, b := again.plan(t, "x").Base, again.plan(t, "y").Base; a.ID != b.ID || a.ID == p.Base.ID {
		t.Error("an instance is not known by where it is asked")
	}
}

func TestAFailingMetadataServiceIsReportedWithTheCause(t *testing.T) {
	for name, c := range map[string]struct {
		set          metadata.InstanceBehaviour
		reason, hint string
		code         wire.Code
	}{
		"no role":      {metadata.InstanceBehaviour{NoRole: true}, "this instance has no role", "attach a role", wire.Denied},
		"a problem":    {metadata.InstanceBehaviour{Problem: "AssumeRoleUnauthorizedAccess"}, "AssumeRoleUnauthorizedAccess", "asks again", wire.Temporary},
		"busy":         {metadata.InstanceBehaviour{Fault: steer.Fault{Only: "GetCredentials", Status: 503}}, "answered 503 Service Unavailable", "asks again", wire.Temporary},
		"silent":       {metadata.InstanceBehaviour{Fault: steer.Fault{Silent: true}}, "no answer from 127.0.0.1", "EC2 instance", wire.Temporary},
		"no JSON":      {metadata.InstanceBehaviour{Fault: steer.Fault{Only: "GetCredentials", Body: &steer.Body{Text: "hunter2"}}}, "answered 200 OK", "asks again", wire.Temporary},
		"ended":        {metadata.InstanceBehaviour{Lifetime: time.Nanosecond}, "had expired", "clock", wire.Temporary},
		"half a truth": {metadata.InstanceBehaviour{Fault: steer.Fault{Only: "GetCredentials", Body: &steer.Body{Text: `{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"hunter2","Expiration":"2099-01-01T00:00:00Z"}`}}}, "no SessionToken", "refused whole", wire.Temporary},
	} {
		t.Run(name, func(t *testing.T) {
			s, cl := inCloud(t, onInstance)
			cl.Instance.Set(c.set)
			f := s.failure(t, "x")
			if f.Code != c.code {
				t.Errorf("code %s, want %s", f.Code, c.code)
			}
			mustContain(t, f.Reason, "the instance's metadata: ", c.reason)
			mustContain(t, f.Reason+"; "+f.Hint, c.hint)
			if strings.Contains(f.Reason, "hunter2") {
				t.Errorf("an answer is told: %q", f.Reason)
			}
		})
	}
	f := newStage(t, "", onInstance("http://127.0.0.1:1"), "").failure(t, "x")
	mustContain(t, f.Reason, "127.0.0.1:1 refused the connection")
	mustContain(t, f.Hint, "EC2 instance")
}

func TestTheFirstVersionIsUsedOnlyIfAllowed(t *testing.T) {
	old := http.NewServeMux()
	m := metadata.NewInstance(sandbox.New(), cloud.MachineRole)
	m.Set(metadata.InstanceBehaviour{Version1: true})
	old.Handle("/latest/meta-data/", m)
	for line, allowed := range map[string]bool{"": true, "ec2_metadata_v1_disabled = false\n": true, "ec2_metadata_v1_disabled = true\n": false} {
		s := newStage(t, "", onInstance(serve(t, old))+line, "")
		if _, err := s.plan(t, "x").Base.Fetch(t.Context(), credential.Session{}); (err == nil) != allowed {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestPlainHTTPIsForTheInstancesOwnAddresses(t *testing.T) {
	for line, want := range map[string]string{
		"": "http://169.254.169.254",
		"ec2_metadata_service_endpoint_mode = ipv6":                "http://[fd00:ec2::254]",
		"ec2_metadata_service_endpoint = http://[fd00:ec2::254]":   "http://[fd00:ec2::254]",
		"ec2_metadata_service_endpoint = http://localhost:1338/":   "http://localhost:1338",
		"ec2_metadata_service_endpoint = https://example.com":      "https://example.com",
		"ec2_metadata_service_endpoint_mode = both":                "",
		"ec2_metadata_service_endpoint = http://169.254.169.253":   "",
		"ec2_metadata_service_endpoint = http://example.com":       "",
		"ec2_metadata_service_endpoint = http://a@169.254.169.254": "",
	} {
		s := newStage(t, "", around("Ec2InstanceMetadata", line+"\n"), "")
		cfg, err := s.Read(t.Context(), filesOf(s))
		if err != nil {
			t.Fatal(err)
		}
		section, _ := cfg.Profile("x")
		got, err := metadataEndpoint(profile{Profile: section, name: "x"})
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", line, got, err)
		}
	}
}
