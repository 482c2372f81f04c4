package source

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"understudy/internal/sandbox"
	"understudy/internal/wire"
)

// certified is a self-signed certificate.
type certified struct {
	name     string
	from, to time.Duration // from now
}

// serveTLS serves a sandbox with the certificate, and returns its URL and the
// certificate in PEM form.
func serveTLS(t *testing.T, c certified) (url string, bundle []byte, sts *sandbox.Server) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: c.name},
		NotBefore:             time.Now().Add(c.from),
		NotAfter:              time.Now().Add(c.to),
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(c.name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{c.name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	sts = sandbox.New()
	srv := httptest.NewUnstartedServer(sts)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), sts
}

func TestAnUntrustedServerGetsNothingAndTheCauseIsReported(t *testing.T) {
	for _, c := range []struct {
		name    string
		server  certified
		trusted bool
		reason  string
		hint    string
	}{
		{"an unknown CA", certified{"127.0.0.1", -time.Hour, time.Hour}, false, "signed by an unknown CA", "ca_bundle"},
		{"an expired certificate", certified{"127.0.0.1", -2 * time.Hour, -time.Hour}, true, "has expired or is not valid yet", "clock"},
		{"another's certificate", certified{"sts.example.com", -time.Hour, time.Hour}, true, "for another name than 127.0.0.1", "something answers in the service's place"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, bundle, sts := serveTLS(t, c.server)
			s := newStage(t, url, adminRole, aliceKeys)
			if c.trusted {
				s.CABundle = filepath.Join(t.TempDir(), "ca.pem")
				write(t, s.CABundle, string(bundle))
			}
			f := s.failure(t, "admin")
			if f.Code != wire.Temporary {
				t.Errorf("code %s", f.Code)
			}
			mustContain(t, f.Reason, "no trusted connection to 127.0.0.1:", c.reason)
			mustContain(t, f.Hint, c.hint)
			if n := len(sts.Calls()); n != 0 {
				t.Errorf("%d calls were sent", n)
			}
		})
	}
}

func TestAServerWithoutTLSIsReportedAsOne(t *testing.T) {
	url := serve(t, http.NotFoundHandler())
	s := newStage(t, "https"+url[len("http"):], adminRole, aliceKeys)
	mustContain(t, s.failure(t, "admin").Reason, "does not speak TLS")
}

func TestTheProfilesCABundleIsUsedAndReadAgainWhenItChanges(t *testing.T) {
	url, bundle, _ := serveTLS(t, certified{"127.0.0.1", -time.Hour, time.Hour})
	_, wrong, _ := serveTLS(t, certified{"127.0.0.1", -time.Hour, time.Hour})
	path := filepath.Join(t.TempDir(), "ca.pem")
	write(t, path, string(wrong))
	s := newStage(t, url, adminRole+"ca_bundle = "+path+"\n", aliceKeys)
	plan := s.plan(t, "admin")
	mustContain(t, s.failure(t, "admin").Reason, "unknown CA")
	write(t, path, string(bundle)+"\n")
	s.session(t, "admin")
	if again := s.plan(t, "admin"); again.ID != plan.ID {
		t.Error("a CA bundle is no part of what a session may do, but changed its ID")
	}
}

func TestTheEnvironmentsCABundleIsUsed(t *testing.T) {
	url, bundle, _ := serveTLS(t, certified{"127.0.0.1", -time.Hour, time.Hour})
	path := filepath.Join(t.TempDir(), "ca.pem")
	write(t, path, string(bundle))
	s := newStage(t, url, adminRole, aliceKeys)
	t.Setenv(EnvCABundle, path)
	s.session(t, "admin")
}

func TestAMissingCABundleSendsNothing(t *testing.T) {
	url, _, sts := serveTLS(t, certified{"127.0.0.1", -time.Hour, time.Hour})
	s := newStage(t, url, adminRole, aliceKeys)
	s.CABundle = filepath.Join(t.TempDir(), "missing.pem")
	f := s.failure(t, "admin")
	if f.Code != wire.BadConfig || len(sts.Calls()) != 0 {
		t.Errorf("%s %q after %d calls", f.Code, f.Reason, len(sts.Calls()))
	}
	mustContain(t, f.Reason, s.CABundle)
}
