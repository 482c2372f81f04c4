package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/sandbox/cloud"
	"understudy/internal/sandbox/metadata"
	"understudy/internal/sandbox/steer"
	"understudy/internal/wire"
)

// inContainer is a stage in a container of a fake cloud.
func inContainer(t *testing.T) (*stage, *cloud.Cloud) {
	t.Helper()
	at := ""
	s, c := inCloud(t, func(url string) string { at = url; return around("EcsContainer", "") })
	s.Container = Container{FullURI: at + cloud.ContainerPath, Token: credential.NewSecret(cloud.ContainerToken)}
	return s, c
}

func TestTheRoleOfTheContainerSignsForARole(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1")
	s, c := inContainer(t)
	if p := s.plan(t, "x"); p.Source != "role via role of this container" || p.Base.Source != "role of this container" {
		t.Errorf("plan = %+v", p)
	}
	s.session(t, "x")
	base, err := s.plan(t, "x").Base.Fetch(t.Context(), credential.Session{})
	if err != nil || base.Lifetime < time.Hour {
		t.Errorf("the container's own: %v, %v", base, err)
	}
	if last := c.STS.Calls()[0]; last.Op != "AssumeRole" || last.Key != base.AccessKeyID {
		t.Errorf("%s signed with %s", last.Op, last.Key)
	}
}

func TestTheTokenOfAContainerIsReadFromItsFileEachTime(t *testing.T) {
	s, c := inContainer(t)
	s.Container.Token, s.Container.TokenFile = credential.NewSecret("not this"), filepath.Join(t.TempDir(), "token")
	write(t, s.Container.TokenFile, cloud.ContainerToken)
	s.session(t, "x")
	c.Container.Set(metadata.ContainerBehaviour{Token: credential.NewSecret("another")})
	f := s.failure(t, "x")
	if f.Code != wire.Denied {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Reason, "answered 401 Unauthorized")
	write(t, s.Container.TokenFile, "another")
	s.session(t, "x")
	for _, text := range []string{"", "hunter2\r\nX-Injected: 1", strings.Repeat("hunter2", 10000)} {
		write(t, s.Container.TokenFile, text)
		f := s.failure(t, "x")
		if f.Code != wire.BadConfig || strings.Contains(f.Reason, "hunter2") {
			t.Errorf("%s %q", f.Code, f.Reason)
		}
		mustContain(t, f.Hint, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
	}
}

func TestAFailingContainerAgentIsReportedWithTheCause(t *testing.T) {
	for name, c := range map[string]struct {
		set    metadata.ContainerBehaviour
		reason string
		code   wire.Code
	}{
		"no role":      {metadata.ContainerBehaviour{Fault: steer.Fault{Status: 404}}, "answered 404 Not Found", wire.Denied},
		"busy":         {metadata.ContainerBehaviour{Fault: steer.Fault{Status: 500, Message: "hunter2"}}, "answered 500 Internal Server Error", wire.Temporary},
		"too often":    {metadata.ContainerBehaviour{Fault: steer.Fault{Status: 429, RetryAfter: 7 * time.Second}}, "answered 429", wire.Temporary},
		"silent":       {metadata.ContainerBehaviour{Fault: steer.Fault{Silent: true}}, "no answer from 127.0.0.1", wire.Temporary},
		"no JSON":      {metadata.ContainerBehaviour{Fault: steer.Fault{Body: &steer.Body{Text: "hunter2"}}}, "malformed", wire.Temporary},
		"no end":       {metadata.ContainerBehaviour{Fault: steer.Fault{Body: &steer.Body{Text: `{"AccessKeyId":"A","SecretAccessKey":"hunter2","Token":"t"}`}}}, "no Expiration", wire.Temporary},
		"no token":     {metadata.ContainerBehaviour{Fault: steer.Fault{Body: &steer.Body{Text: `{"AccessKeyId":"A","SecretAccessKey":"hunter2","Expiration":"2099-01-01T00:00:00Z"}`}}}, "no SessionToken", wire.Temporary},
		"nothing much": {metadata.ContainerBehaviour{Fault: steer.Fault{Body: &steer.Body{Text: `null`}}}, "malformed", wire.Temporary},
	} {
		t.Run(name, func(t *testing.T) {
			s, cl := inContainer(t)
			cl.Container.Set(c.set)
			f := s.failure(t, "x")
			if f.Code != c.code || f.RetryAfter != c.set.Fault.RetryAfter {
				t.Errorf("code %s, retry after %v", f.Code, f.RetryAfter)
			}
			mustContain(t, f.Reason, "the container's agent: ", c.reason)
			if strings.Contains(f.Reason, "hunter2") {
				t.Errorf("an answer is told: %q", f.Reason)
			}
		})
	}
}

func TestADaemonOutsideAContainerHintsAtARestart(t *testing.T) {
	s := newStage(t, "", around("EcsContainer", ""), "")
	f := s.refusal(t, "x")
	mustContain(t, f.Reason, s.query.ConfigFile+":3: understudy_credential_source cannot be used", "started where no container's role is")
	mustContain(t, f.Hint, "understudy daemon restart")
	s = newStage(t, "", around("EcsContainer", ""), "")
	s.Container.FullURI = "http://example.com/hunter2"
	f = s.refusal(t, "x")
	mustContain(t, f.Reason, "unencrypted from another machine")
	if strings.Contains(f.Reason, "hunter2") {
		t.Errorf("the address is told: %q", f.Reason)
	}
}

func TestAContainersAddressIsItsAgents(t *testing.T) {
	for c, want := range map[Container]string{
		{}: "",
		{RelativeURI: "/v2/credentials/1", FullURI: "http://127.0.0.1"}: "http://169.254.170.2/v2/credentials/1",
		{FullURI: "http://169.254.170.23/v1/credentials"}:               "http://169.254.170.23/v1/credentials",
		{FullURI: "http://[fd00:ec2::23]/v1/credentials"}:               "http://[fd00:ec2::23]/v1/credentials",
		{FullURI: "http://localhost:1338/x"}:                            "http://localhost:1338/x",
		{FullURI: "https://example.com/x"}:                              "https://example.com/x",
		{RelativeURI: "@evil.example.com/"}:                             "refused",
		{RelativeURI: ".evil.example.com/"}:                             "refused",
		{RelativeURI: ":80@127.0.0.1/"}:                                 "refused",
		{RelativeURI: ":8080/"}:                                         "refused",
		{FullURI: "http://169.254.170.3/"}:                              "refused",
		{FullURI: "http://10.0.0.1/"}:                                   "refused",
		{FullURI: "http://me:pw@127.0.0.1/"}:                            "refused",
		{FullURI: "ftp://127.0.0.1/"}:                                   "refused",
		{FullURI: "127.0.0.1:80"}:                                       "refused",
	} {
		got, err := c.url()
		if err != nil {
			got = "refused"
		}
		if got != want {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
}

func TestTakeContainerUnsetsItsVariables(t *testing.T) {
	for _, name := range []string{envRelativeURI, envFullURI, envToken, envTokenFile} {
		t.Setenv(name, name)
	}
	c := TakeContainer()
	if c.RelativeURI != envRelativeURI || c.FullURI != envFullURI || c.Token.Reveal() != envToken || c.TokenFile != envTokenFile {
		t.Errorf("took %+v", c)
	}
	for _, kv := range os.Environ() {
		if strings.Contains(kv, "UNDERSTUDY_CONTAINER") {
			t.Errorf("%s is still there", kv)
		}
	}
	if again := TakeContainer(); again != (Container{Token: again.Token}) || !again.Token.Empty() {
		t.Errorf("and again: %+v", again)
	}
}
