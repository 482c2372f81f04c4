//go:build linux

package e2e

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"understudy/internal/canary"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// plainKey puts a user's key in plain text, and two profiles on it: reader, a
// role, and base itself.
func (w *world) plainKey(s story, endpoint, id, secret string) {
	w.t.Helper()
	w.Write(".aws/credentials", fmt.Sprintf("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n", id, secret))
	w.Write(".aws/config", fmt.Sprintf("[profile base]\nregion = us-east-1\nendpoint_url = %s\n", endpoint)+w.role("reader", s.Reader, endpoint))
}

// keysOfCarol asks IAM for her access keys, with one of them.
func (w *world) keysOfCarol(s story, id, secret string) map[string]string {
	w.t.Helper()
	client := iam.New(iam.Options{Region: "us-east-1", BaseEndpoint: aws.String(s.URL), Credentials: credentials.NewStaticCredentialsProvider(id, secret, "")})
	out, err := client.ListAccessKeys(w.t.Context(), &iam.ListAccessKeysInput{UserName: aws.String("carol")})
	if err != nil {
		w.t.Fatal(err)
	}
	all := map[string]string{}
	for _, k := range out.AccessKeyMetadata {
		all[*k.AccessKeyId] = string(k.Status)
	}
	return all
}

// raw is a key that a helper hands out as it is.
func (w *world) raw(profile string) (k keys) {
	w.t.Helper()
	o := w.Helper(profile)
	if err := json.Unmarshal([]byte(o.Stdout), &k); err != nil || k.SecretAccessKey == "" || k.SessionToken != "" || k.Expiration == "" {
		w.t.Fatalf("%s is no raw key: %v", profile, err)
	}
	return k
}

// A home is moved in, its key is rotated, and the rotation is killed where it
// hurts most: every SDK goes on, and IAM has one key in the end.
func TestAKeyMovedInAndRotatedServesEverySDK(t *testing.T) {
	story := needMoto(t)
	w := newWorld(t).withKeyring()
	seen := newWitness(t, story.URL)
	w.plainKey(story, seen.URL, story.Carol.KeyID, story.Carol.Secret)
	understudy := filepath.Join(bin, "understudy")
	must := func(args ...string) outcome {
		t.Helper()
		o := w.Run(append([]string{understudy}, args...)...)
		if o.Status != 0 || strings.Contains(o.Stdout+o.Stderr, story.Carol.Secret) {
			t.Fatal(o)
		}
		return o
	}
	must("keys", "import", "base", "--yes")
	if found := w.filesWith(canary.Secrets{"key": story.Carol.Secret}); len(found) > 0 {
		t.Errorf("the secret stands in %v", found)
	}
	w.Write(".aws/config", strings.Replace(w.Read(".aws/config"), "understudy_keys", "understudy_raw = yes\nunderstudy_keys", 1))
	everySDK := func() {
		t.Helper()
		for _, s := range sdks(t) {
			t.Run(s.name, func(t *testing.T) {
				w := w.of(t)
				s.may(w, "base", "ec2", true) // the key as it is
				s.may(w, "reader", "s3", true)
				s.may(w, "reader", "ec2", false)
			})
		}
	}
	everySDK()

	var rotation *exec.Cmd
	killed := func(after string) {
		t.Helper()
		seen.set(func(action string) {
			if action == after {
				rotation.Process.Kill()
			}
		})
		o := w.runWith(func(c *exec.Cmd) { rotation = c }, understudy, "keys", "rotate", "base", "--yes")
		seen.set(nil)
		if o.Status != -1 {
			t.Fatalf("after %s it was not killed: %v", after, o)
		}
		w.served(w.Helper("reader"))
	}
	killed("CreateAccessKey") // the secret of a new key is lost
	if n := len(w.keysOfCarol(story, story.Carol.KeyID, story.Carol.Secret)); n != 2 {
		t.Fatalf("%d keys; the rest proves nothing", n)
	}
	killed("GetCallerIdentity")
	o := must("keys", "rotate", "base", "--yes")
	if !strings.Contains(o.Stderr, "going on with the rotation that was begun") {
		t.Error(o)
	}
	listed := must("keys", "list").Stdout
	if strings.Contains(listed, story.Carol.KeyID) {
		t.Errorf("the old key is kept: %s", listed)
	}
	must("keys", "rotate", "base", "--yes")
	everySDK()
	now := w.raw("base")
	if left := w.keysOfCarol(story, now.AccessKeyID, now.SecretAccessKey); len(left) != 1 || left[now.AccessKeyID] != "Active" {
		t.Errorf("IAM has %v", left)
	}
}

func TestAUserWhoMayNotRotateIsToldWhatItTakes(t *testing.T) {
	story := needMoto(t)
	w := newWorld(t).withKeyring()
	w.plainKey(story, story.URL, story.Dave.KeyID, story.Dave.Secret)
	if o := w.Understudy("keys", "import", "base", "--yes"); o.Status != 0 {
		t.Fatal(o)
	}
	o := w.Understudy("keys", "rotate", "base", "--yes")
	if o.Status != 4 || !strings.Contains(o.Stderr, "AccessDenied") || !strings.Contains(o.Stderr, "iam:DeleteAccessKey") {
		t.Error(o)
	}
}
