package sandbox_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"understudy/internal/sandbox"
)

// need skips with one line where a client cannot be had, which where all of
// them have to be there is an error.
func need(t *testing.T, what string, err error) {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("%s is not here: %v", what, err)
	default:
		t.Skipf("%s is not here: %v", what, err)
	}
}

// clientEnv is an environment in which a client finds the example user's keys,
// this server and nothing else.
func clientEnv(t *testing.T, url string) []string {
	keys := exampleKeys()
	none := filepath.Join(t.TempDir(), "none")
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_CONFIG_FILE=" + none, "AWS_SHARED_CREDENTIALS_FILE=" + none,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1", "AWS_ENDPOINT_URL_STS=" + url,
		"AWS_ACCESS_KEY_ID=" + keys.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + keys.SecretAccessKey,
		"PYENV_ROOT=" + os.Getenv("PYENV_ROOT"), "PYENV_VERSION=" + os.Getenv("PYENV_VERSION"),
	}
}

// output runs the program and decodes the JSON it prints.
func output(t *testing.T, env []string, into any, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = env
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			t.Fatalf("%s: %v\n%s", name, err, exit.Stderr)
		}
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
}

func TestTheAWSCommandLineReadsTheAnswers(t *testing.T) {
	_, err := exec.LookPath("aws")
	need(t, "aws", err)
	url := serve(t, sandbox.New())
	env := clientEnv(t, url)
	var session struct {
		Credentials     struct{ AccessKeyId, SecretAccessKey, SessionToken, Expiration string }
		AssumedRoleUser struct{ Arn string }
	}
	output(t, env, &session, "aws", "--output", "json", "sts", "assume-role", "--role-arn", admin, "--role-session-name", "cli",
		"--tags", "Key=team,Value=a b", "--transitive-tag-keys", "team", "--policy-arns", "arn=arn:aws:iam::aws:policy/ReadOnlyAccess")
	c := session.Credentials
	var who struct{ Arn, Account, UserId string }
	output(t, append(env, "AWS_ACCESS_KEY_ID="+c.AccessKeyId, "AWS_SECRET_ACCESS_KEY="+c.SecretAccessKey, "AWS_SESSION_TOKEN="+c.SessionToken),
		&who, "aws", "--output", "json", "sts", "get-caller-identity")
	if want := "arn:aws:sts::123456789012:assumed-role/Admin/cli"; who.Arn != want || session.AssumedRoleUser.Arn != want || who.Account != "123456789012" {
		t.Errorf("%+v and %+v, want %s", session.AssumedRoleUser, who, want)
	}
}

// The script makes every kind of call, and tells what an error looked like.
const boto = `
import json, sys, boto3, botocore.exceptions
sts = boto3.client("sts")
role = sts.assume_role(RoleArn=sys.argv[1], RoleSessionName="boto", ExternalId="ex-1", SourceIdentity="alice", Tags=[{"Key": "team", "Value": "v" * 200}])
c = role["Credentials"]
chained = boto3.client("sts", aws_access_key_id=c["AccessKeyId"], aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"])
token = sts.get_session_token()
try:
    chained.get_session_token()
    error = {}
except botocore.exceptions.ClientError as e:
    error = e.response["Error"]
again = chained.assume_role(RoleArn=sys.argv[1], RoleSessionName="again")
print(json.dumps({
    "Who": chained.get_caller_identity()["Arn"], "Account": sts.get_access_key_info(AccessKeyId=c["AccessKeyId"])["Account"],
    "Expiration": token["Credentials"]["Expiration"].isoformat(), "Code": error["Code"], "Message": error["Message"],
    "Again": again["AssumedRoleUser"]["Arn"], "RequestId": role["ResponseMetadata"]["RequestId"], "Identity": again["SourceIdentity"], "Packed": role["PackedPolicySize"]}))
`

func TestBoto3ReadsTheAnswers(t *testing.T) {
	need(t, "boto3", exec.CommandContext(t.Context(), "python3", "-c", "import boto3").Run())
	url := serve(t, sandbox.New())
	var got struct {
		Who, Account, Expiration, Code, Message, Again, RequestID, Identity string
		Packed                                                              int // percent: 204 of 4,096 characters
	}
	output(t, clientEnv(t, url), &got, "python3", "-c", boto, admin)
	if got.Who != "arn:aws:sts::123456789012:assumed-role/Admin/boto" || got.Account != "123456789012" ||
		got.Code != "AccessDenied" || got.Message != "Cannot call GetSessionToken with session credentials" ||
		got.Again != "arn:aws:sts::123456789012:assumed-role/Admin/again" || got.RequestID == "" || got.Expiration == "" || got.Identity != "alice" || got.Packed != 5 {
		t.Errorf("%+v", got)
	}
}
