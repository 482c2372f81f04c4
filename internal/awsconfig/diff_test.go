package awsconfig

import (
	"strings"
	"testing"
)

func TestADiffShowsTheChangeAndItsNeighbours(t *testing.T) {
	text := "# 1\n# 2\n# 3\n# 4\n[profile x]\nrole_arn = a\n# 7\n# 8\n# 9\n# 10\n# 11\n# 12\n# 13\n# 14\nend = 1"
	d := DraftConfig("/config", text)
	if d.Diff() != "" {
		t.Errorf("nothing changes, and the diff is\n%s", d.Diff())
	}
	d.Insert(5, "credential_process = /bin/u x")
	d.Rename(6, "understudy_role_arn")
	d.Remove(15, 15)
	want := `--- /config
+++ /config
@@ -3,7 +3,8 @@
 # 3
 # 4
 [profile x]
-role_arn = a
+credential_process = /bin/u x
+understudy_role_arn = a
 # 7
 # 8
 # 9
@@ -12,4 +13,3 @@
 # 12
 # 13
 # 14
-end = 1
`
	if got := d.Diff(); got != want {
		t.Errorf("the diff is\n%s\nwant\n%s", got, want)
	}
}

func TestADiffHoldsNoSecret(t *testing.T) {
	const secret = "CANARY"
	text := "[x]\nrole_arn = a\naws_access_key_id = " + secret + "\naws_secret_access_key=" + secret + "\n  " + secret + "\nAWS_SESSION_TOKEN : " + secret +
		"\n# aws_secret_access_key = " + secret + "\nno delimiter " + secret + "\nunderstudy_was_aws_secret_access_key = " + secret +
		"\nx_password=" + secret + "\nweb_identity_token_file = /token\ncredential_source = Environment\n[broken\nlost = " + secret + "\n"
	d := DraftCredentials("/credentials", text)
	for line := 2; line <= 12; line++ {
		if l := d.lines[line-1]; l.kind == pair {
			d.Rename(line, "understudy_"+l.line.key)
		}
	}
	diff := d.Diff()
	if strings.Contains(diff, secret) {
		t.Errorf("the diff tells it:\n%s", diff)
	}
	for _, shown := range []string{"+understudy_role_arn = a\n", "+understudy_aws_secret_access_key= ...\n", "+understudy_web_identity_token_file = /token\n",
		"+understudy_credential_source = Environment\n", " ...\n"} {
		if !strings.Contains(diff, shown) {
			t.Errorf("the diff does not hold %q:\n%s", shown, diff)
		}
	}
}

func TestADiffShowsNoCopyOfASecret(t *testing.T) {
	d := DraftCredentials("/c", "# it was CANARY/copy\n[CANARY/copy]\n[x]\naws_secret_access_key = CANARY/copy\nnote = CANARY/copy\n")
	d.Remove(4, 4)
	if diff := d.Diff(); strings.Contains(diff, "CANARY") || !strings.Contains(diff, "\n ...\n") || !strings.Contains(diff, "\n [x]\n") {
		t.Errorf("it shows\n%s", diff)
	}
}
