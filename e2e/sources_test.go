//go:build linux

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/sandbox"
	"understudy/internal/sandbox/cloud"
	"understudy/internal/sandbox/signin"
)

// sky is a world whose AWS is the whole sandbox.
type sky struct {
	*world
	*cloud.Cloud
}

func newSky(w *world) *sky {
	w.t.Helper()
	s := &sky{world: w, Cloud: cloud.New()}
	s.ServeSTS(s.Cloud)
	w.t.Cleanup(s.Heal) // releases the calls that wait
	return s
}

// profile plugs a profile in, with lines of our own keys.
func (s *sky) profile(name string, lines ...string) string {
	return fmt.Sprintf("[profile %[1]s]\nregion = us-east-1\nendpoint_url = %[2]s\ncredential_process = %[3]s %[1]s\n%[4]s\n\n",
		name, s.URL, filepath.Join(bin, "understudy-credentials"), strings.Join(lines, "\n"))
}

// underRole is the role that every way in is to end at.
const underRole = "understudy_role_arn = arn:aws:iam::123456789012:role/Actor"

// who asks STS by the AWS CLI whom the profile speaks for.
func (s *sky) who(profile string, env ...string) string {
	s.t.Helper()
	o := s.runWith(func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, env...) },
		s.python(), "-m", "awscli", "sts", "get-caller-identity", "--query", "Arn", "--output", "text", "--profile", profile)
	if o.Status != 0 {
		s.t.Fatalf("%s is nobody:\n%v", profile, o)
	}
	return strings.TrimSpace(o.Stdout)
}

func (s *sky) is(profile, arn string, env ...string) {
	s.t.Helper()
	if got := s.who(profile, env...); !strings.HasPrefix(got, arn) {
		s.t.Errorf("%s speaks for %s, want %s", profile, got, arn)
	}
}

const actor = "arn:aws:sts::123456789012:assumed-role/Actor/"

// signingHelper stands in for aws_signing_helper, the credential_process of IAM
// Roles Anywhere: the same arguments, the same shape of answer and of complaint.
// What it would fetch with the certificate stands in the file beside it.
const signingHelper = `#!/bin/sh
set -eu
fail() { echo "$1" >&2; exit 1; }
[ "$1" = credential-process ] || fail "Error: unknown command \"$1\" for \"aws_signing_helper\""
shift
cert= key= anchor= profile= role=
while [ $# -gt 0 ]; do
	case $1 in
	--certificate) cert=$2 ;;
	--private-key) key=$2 ;;
	--trust-anchor-arn) anchor=$2 ;;
	--profile-arn) profile=$2 ;;
	--role-arn) role=$2 ;;
	*) fail "Error: unknown flag: $1" ;;
	esac
	shift 2
done
[ -n "$anchor" ] && [ -n "$profile" ] && [ -n "$role" ] || fail "missing trust anchor, profile or role"
[ -r "$cert" ] || fail "open $cert: no such file or directory"
[ -r "$key" ] || fail "open $key: no such file or directory"
echo run >>"$(dirname "$0")/runs"
if env | grep -q ^AWS_; then fail "a caller's settings got through"; fi
exec cat "$(dirname "$0")/session.json"
`

// assume is a role's session as a service beside STS would hand it out.
func (s *sky) assume(role string) *sts.AssumeRoleOutput {
	s.t.Helper()
	alice := sandbox.Example()
	client := sts.New(sts.Options{Region: "us-east-1", BaseEndpoint: &s.URL, Credentials: aws.CredentialsProviderFunc(
		func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: alice.AccessKeyID, SecretAccessKey: alice.Secret.Reveal()}, nil
		})})
	out, err := client.AssumeRole(s.t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("host")})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func TestRolesAnywhereIsABase(t *testing.T) {
	t.Parallel()
	s := newSky(newWorld(t))
	c := s.assume("arn:aws:iam::123456789012:role/Anywhere").Credentials
	s.Write("ra/session.json", fmt.Sprintf(`{"Version":1,"AccessKeyId":%q,"SecretAccessKey":%q,"SessionToken":%q,"Expiration":%q}`,
		*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken, c.Expiration.UTC().Format("2006-01-02T15:04:05Z")))
	s.Write("ra/aws_signing_helper", signingHelper)
	s.Write("ra/cert.pem", "a certificate")
	s.Write("ra/key.pem", "its key")
	dir := filepath.Join(s.Home, "ra")
	if err := os.Chmod(filepath.Join(dir, "aws_signing_helper"), 0o700); err != nil {
		t.Fatal(err)
	}
	process := fmt.Sprintf("%[1]s/aws_signing_helper credential-process --certificate %[1]s/cert.pem --private-key %[1]s/key.pem"+
		" --trust-anchor-arn arn:aws:rolesanywhere:us-east-1:123456789012:trust-anchor/a"+
		" --profile-arn arn:aws:rolesanywhere:us-east-1:123456789012:profile/p --role-arn arn:aws:iam::123456789012:role/Anywhere", dir)
	s.Write(".aws/config", "[profile anywhere]\nregion = us-east-1\nendpoint_url = "+s.URL+"\ncredential_process = "+process+"\n\n"+
		s.profile("actor", underRole, "understudy_source_profile = anywhere")+
		s.profile("itself", "understudy_credential_process = "+process))

	s.is("actor", actor)
	s.is("itself", "arn:aws:sts::123456789012:assumed-role/Anywhere/host")
	for range 5 {
		s.served(s.Helper("actor"))
		s.served(s.Helper("itself"))
	}
	runs, err := os.ReadFile(filepath.Join(dir, "runs"))
	if err != nil || string(runs) != "run\n" {
		t.Errorf("the program ran %d times for one session of two profiles", strings.Count(string(runs), "run"))
	}

	if err := os.Remove(filepath.Join(dir, "key.pem")); err != nil {
		t.Fatal(err)
	}
	s.Understudy("forget", "--all")
	o := s.Helper("actor")
	s.refused(o, 6, "actor")
	if !strings.Contains(o.Stderr, "open "+dir+"/key.pem: no such file or directory") {
		t.Errorf("the program's own words are missing: %v", o)
	}
}

func TestAWebIdentityIsServedAndRenewedWhenItsFileChanges(t *testing.T) {
	t.Parallel()
	s := newSky(newWorld(t))
	token := filepath.Join(s.Home, "token")
	s.Write(".aws/config", s.profile("pod", underRole, "understudy_web_identity_token_file = "+token)+
		s.profile("job", underRole, "understudy_role_session_name = job", "understudy_web_identity_token_process = cat "+token)+
		s.profile("above", "understudy_role_arn = arn:aws:iam::123456789012:role/Above", "understudy_source_profile = pod"))

	s.Write("token", s.STS.WebToken(sandbox.WebIdentity{Subject: "app", Lifetime: -time.Minute}))
	o := s.Helper("pod")
	s.refused(o, 3, "pod")
	if !strings.Contains(o.Stderr, "ExpiredTokenException") {
		t.Errorf("the words of STS are missing: %v", o)
	}
	s.Write("token", s.STS.WebToken(sandbox.WebIdentity{Subject: "app"})+"\n")
	s.is("pod", actor) // what was refused is forgotten with the file
	s.is("job", actor+"job")
	s.is("above", "arn:aws:sts::123456789012:assumed-role/Above/")
	first := s.served(s.Helper("pod"))

	s.Write("token", s.STS.WebToken(sandbox.WebIdentity{Subject: "app", Lifetime: 2 * time.Hour})+"\n\n")
	if again := s.served(s.Helper("pod")); again.AccessKeyID != first.AccessKeyID {
		t.Error("a caller waited for what could be fetched meanwhile")
	}
	s.eventually("a session of the new token", patience/6, func() bool {
		return s.served(s.Helper("pod")).AccessKeyID != first.AccessKeyID
	})
}

func TestASAMLAssertionIsServed(t *testing.T) {
	t.Parallel()
	s := newSky(newWorld(t))
	role := "arn:aws:iam::123456789012:role/Actor"
	s.Write("assertion", s.STS.SAMLAssertion(sandbox.Assertion{RoleARN: role}))
	s.Write(".aws/config", s.profile("clerk", underRole, "understudy_saml_process = fold -w 76 "+filepath.Join(s.Home, "assertion")))
	s.is("clerk", actor+"alice@example.com")
	s.is("clerk", actor+"alice@example.com")
	if n := s.STS.Count("AssumeRoleWithSAML"); n != 1 {
		t.Errorf("%d calls for two programs", n)
	}
	s.Write("assertion", s.STS.SAMLAssertion(sandbox.Assertion{RoleARN: role, Audience: "somebody"}))
	s.Understudy("forget", "clerk")
	s.refused(s.Helper("clerk"), 3, "clerk")
}

func TestWhatSurroundsTheProgramSigns(t *testing.T) {
	t.Parallel()
	s := newSky(newWorld(t))
	alice := sandbox.Example()
	s.Write(".aws/config", s.profile("shell", underRole, "understudy_credential_source = Environment")+
		s.profile("vm", underRole, "understudy_role_session_name = vm", "understudy_credential_source = Ec2InstanceMetadata",
			"understudy_ec2_metadata_service_endpoint = "+s.URL)+
		s.profile("task", underRole, "understudy_role_session_name = task", "understudy_credential_source = EcsContainer"))

	s.Vars["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = s.URL + cloud.ContainerPath
	s.Vars["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = cloud.ContainerToken
	s.is("task", actor+"task") // the daemon is started here
	delete(s.Vars, "AWS_CONTAINER_CREDENTIALS_FULL_URI")
	delete(s.Vars, "AWS_CONTAINER_AUTHORIZATION_TOKEN")
	s.is("task", actor+"task")
	s.is("vm", actor+"vm")

	s.refused(s.Helper("shell"), 4, "shell")
	// A profile that is named goes before these in botocore.
	keys := []string{"AWS_ACCESS_KEY_ID=" + alice.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + alice.Secret.Reveal()}
	s.is("shell", actor, keys...)
	s.refused(s.Helper("shell"), 4, "shell") // nobody else's session
}

func TestALoginOfTheAWSCLIIsABaseAndIsRenewed(t *testing.T) {
	t.Parallel()
	s := newSky(newWorld(t))
	alice := sandbox.Example().ARN()
	s.SignIn.Set(signin.Behaviour{TokenLife: time.Second})
	name, login := s.SignIn.SignIn().CacheFile(alice)
	s.SignIn.Set(signin.Behaviour{})
	s.Write(".aws/login/cache/"+name, string(login))
	s.Write(".aws/config", "[profile console]\nregion = us-east-1\nendpoint_url = "+s.URL+"\nlogin_session = "+alice+"\n\n"+
		s.profile("actor", underRole, "understudy_source_profile = console")+
		s.profile("itself", "understudy_login_session = "+alice)+
		s.profile("other", "understudy_login_session = arn:aws:iam::111111111111:user/nobody"))
	s.is("actor", actor)
	s.is("itself", alice)
	s.served(s.Helper("itself"))
	if n := s.SignIn.Count(); n != 1 {
		t.Errorf("%d renewals of one login", n)
	}
	o := s.Helper("other")
	s.refused(o, 3, "other")
	if !strings.Contains(o.Stderr, "aws login --profile other") {
		t.Errorf("the hint does not say how to log in: %v", o)
	}
}
