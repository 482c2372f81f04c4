package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const printSession = `echo '{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"s","SessionToken":"t"}'`

// standIns are scripts that require the arguments, variables and files that the peers
// require, so that each entry of peers is tested even if the peer is not installed.
var standIns = map[string]string{
	"aws-vault": `
[ "$AWS_VAULT_PROMPT" != none ] || { echo 'error: --prompt value must be one of terminal' >&2; exit 1; }
[ "$AWS_VAULT_BACKEND" = file ] && [ -n "$AWS_VAULT_FILE_PASSPHRASE" ] || exit 1
case "$*" in
'add --env base')
	[ -n "$AWS_ACCESS_KEY_ID" ] && [ -n "$AWS_SECRET_ACCESS_KEY" ] || { echo 'Missing value for AWS_ACCESS_KEY_ID' >&2; exit 1; }
	touch "$HOME/base" ;;
'export --format=json peer') [ -f "$HOME/base" ] && session ;;
*) exit 2 ;;
esac`,
	"granted": `
[ "$*" = 'credential-process --profile peer' ] && [ -n "$CF_KEYRING_FILE_PASSWORD" ] || exit 2
grep -q 'Backend = "file"' "$HOME/.granted/config" && grep -q 'profile peer' "$HOME/.aws/config" && session`,
	"aws-sso": `
[ "$*" = 'process --arn 123456789012:Admin' ] || exit 2
grep -q 'StartUrl: https://' "$HOME/.config/aws-sso/config.yaml" || exit 1
grep -q '"accessToken":"[^"$]' "$HOME/.config/aws-sso/store.json" && session`,
	"aws-runas": `
[ "$*" = '-O json peer' ] || exit 2
grep -q 'aws_access_key_id = AKIA' "$HOME/.aws/credentials" && grep -q 'role_arn = arn:' "$HOME/.aws/config" && session`,
	"elhaz": `
case "$*" in
'daemon start') touch "$HOME/runs" ;;
'daemon add -n peer') [ -f "$HOME/runs" ] && grep -q 'RoleArn: arn:' "$HOME/.elhaz/configs/peer.yaml" && touch "$HOME/added" ;;
'daemon stop') rm "$HOME/runs" ;;
'export -n peer -f credential-process') [ -f "$HOME/runs" ] && [ -f "$HOME/added" ] && session ;;
*) exit 2 ;;
esac`,
}

func TestEveryPeerIsUsedAsItWants(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh")
	}
	if len(standIns) != len(peers) {
		t.Errorf("%d stand-ins for %d peers", len(standIns), len(peers))
	}
	w := &world{dir: t.TempDir(), options: options{peers: t.TempDir()}}
	defer w.close()
	for _, p := range peers {
		script := "#!/bin/sh\nsession() { " + printSession + "; }\n" + standIns[p.name] + "\n"
		if err := os.WriteFile(filepath.Join(w.options.peers, p.name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		a, err := p.enter(t.Context(), w)
		if err != nil || !a.peer || a.command.path == "" {
			t.Errorf("%s: %v", a.title, err)
		}
	}
	w.close()
	if _, err := os.Stat(filepath.Join(w.dir, "peers", "elhaz", "runs")); !os.IsNotExist(err) {
		t.Errorf("the daemon of a peer was not stopped: %v", err)
	}
}

func TestAPeerThatIsNotInstalledOrNotAnsweringIsNamed(t *testing.T) {
	w := &world{dir: t.TempDir(), options: options{peers: t.TempDir()}}
	defer w.close()
	r := new(report)
	for name, script := range map[string]string{"absent-peer": "", "silent-peer": "#!/bin/sh\necho one >&2\necho why >&2\nexit 1\n"} {
		if script != "" {
			if err := os.WriteFile(filepath.Join(w.options.peers, name), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		a, err := peer{name: name}.enter(t.Context(), w)
		why, ok := err.(*absence)
		if !ok {
			t.Fatalf("%s: %v", name, err)
		}
		r.skip(a.title, why)
	}
	var b strings.Builder
	r.markdown(&b)
	for _, want := range []string{
		"| absent-peer (absent-peer is not installed) | | | | no peer here |\n",
		"| silent-peer (silent-peer does not answer here: exit status 1: why) | | | | left out |\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
}

func TestNoPeerLeavesTheMachine(t *testing.T) {
	w := &world{dir: t.TempDir()}
	defer w.close()
	o, err := w.openOutside()
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(o.bundle)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	proxy, err := url.Parse(o.proxy)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer client.CloseIdleConnections()
	for _, host := range []string{"sts.amazonaws.com", "sts.eu-west-1.amazonaws.com", "portal.sso.eu-west-1.amazonaws.com", "oidc.eu-west-1.amazonaws.com"} {
		response, err := client.Get("https://" + host + "/")
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		response.Body.Close()
	}
	for _, address := range []string{"https://example.com/", "http://sts.amazonaws.com/", "https://amazonaws.com.example.com/"} {
		if response, err := client.Get(address); err == nil {
			response.Body.Close()
			if response.StatusCode != http.StatusForbidden {
				t.Errorf("%s answers %s", address, response.Status)
			}
		}
	}
}
