package socket

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"understudy/internal/credential"
	"understudy/internal/status"
	"understudy/internal/wire"
)

func TestMalformedRequestsAreRefusedByName(t *testing.T) {
	play(t, func(st *stage) {
		for line, want := range map[string]string{
			`{"v":1,"op":"credentials","profile":"x","config_file":"/c","credentials_file":"/d","sudo":true}`: `unknown field \"sudo\"`,
			`{"v":1,"op":"reboot"}`: `op \"reboot\"`,
			`{"v":1,"op":"credentials","profile":"a\u001bb","config_file":"/c","credentials_file":"/d"}`:                 "profile holds a control character",
			`{"v":1,"op":"credentials","profile":"a\u009bb","config_file":"/c","credentials_file":"/d"}`:                 "profile holds a control character",
			`{"v":1,"op":"credentials","profile":"a\u2028b","config_file":"/c","credentials_file":"/d"}`:                 "profile holds a control character",
			`{"v":1,"op":"credentials","profile":"x","config_file":"/c\u007f","credentials_file":"/d"}`:                  "config_file holds a control character",
			"{\"v\":1,\"op\":\"credentials\",\"profile\":\"a\xffb\",\"config_file\":\"/c\",\"credentials_file\":\"/d\"}": "profile holds a control character",
			`{"v":1,"op":"credentials","config_file":"/c","credentials_file":"/d"}`:                                      "names no profile",
			`{"v":1,"op":"credentials","profile":"x","config_file":"c","credentials_file":"/d"}`:                         "not an absolute path",
			`{"v":1,"op":"credentials","profile":"x","config_file":"/c","credentials_file":"/d","device":true}`:          "device goes with login",
			`{"v":2,"op":"credentials"}`:    "version 1",
			`{"op":"status"}`:               "version 1",
			`GET / HTTP/1.1`:                "not JSON",
			`{"v":1,"op":"status"} {"v":1}`: "not JSON",
			`{"v":1,"op":"forget"}`:         "a profile or all",
			`{"v":1,"op":"credentials","profile":"` + strings.Repeat("x", 300) + `","config_file":"/c","credentials_file":"/d"}`: "longer than 256",
			strings.Repeat("[", 60000): "not JSON",
		} {
			e := wire.ParseReply([]byte(st.send(line + "\n"))).Err
			if e == nil || e.Hint == "" || !strings.Contains(fmt.Sprintf("%q", e.Message), strings.ReplaceAll(want, `\"`, `\"`)) {
				t.Errorf("%.80s: got %+v, want %q", line, e, want)
			}
		}
	})
}

func TestLineWithoutEndIsCutAtItsLimit(t *testing.T) {
	play(t, func(st *stage) {
		client, server := net.Pipe()
		go st.serve(server)
		chunk, sent := []byte(strings.Repeat("x", 4096)), 0
		client.SetWriteDeadline(time.Now().Add(time.Minute))
		for {
			n, err := client.Write(chunk)
			sent += n
			if err != nil || sent > wire.MaxLine {
				break
			}
			if sent == wire.MaxLine {
				b := make([]byte, 512)
				n, _ := client.Read(b)
				if !strings.Contains(string(b[:n]), "longer than 65536") {
					t.Errorf("got %q", b[:n])
				}
				break
			}
		}
		client.Close()
	})
}

func TestSilentClientIsCutAfterFiveSeconds(t *testing.T) {
	play(t, func(st *stage) {
		client, server := net.Pipe()
		go st.serve(server)
		began := time.Now()
		client.Read(make([]byte, 1))
		if took := time.Since(began); took != wire.ReadTimeout {
			t.Errorf("cut after %v", took)
		}
	})
}

// A byte a second is no way to keep a place.
func TestDrippingClientIsCutAfterFiveSeconds(t *testing.T) {
	play(t, func(st *stage) {
		client, server := net.Pipe()
		go st.serve(server)
		began := time.Now()
		for _, err := client.Write([]byte(`{`)); err == nil; _, err = client.Write([]byte(` `)) {
			time.Sleep(time.Second)
		}
		if took := time.Since(began); took < wire.ReadTimeout || took > wire.ReadTimeout+time.Second {
			t.Errorf("cut after %v", took)
		}
	})
}

func TestAConnectionHasOneRequest(t *testing.T) {
	play(t, func(st *stage) {
		status := string(wire.Request{Op: wire.Status}.Append(nil))
		said := st.send(status + string(wire.Request{Op: wire.Forget, All: true}.Append(nil)) + status)
		if strings.Contains(strings.TrimSpace(said), "\n") || wire.ParseReply([]byte(strings.TrimSpace(said))).Body == nil {
			t.Errorf("three requests are answered with %q", said)
		}
	})
}

func TestPanicCostsOneRequest(t *testing.T) {
	play(t, func(st *stage) {
		if got := st.send(`{"v":1,"op":"credentials","profile":"boom","config_file":"/c","credentials_file":"/d"}` + "\n"); got != "" {
			t.Errorf("got %q", got)
		}
		st.mustAsk("prod")
	}, func(c *config) {
		resolve := c.broker.Resolve
		c.broker.Resolve = func(ctx context.Context, q credential.Query) (*credential.Plan, error) {
			if q.Profile == "boom" {
				panic("boom")
			}
			return resolve(ctx, q)
		}
	})
}

func TestStatusHasTheFieldsOfTheContractAndNoSecret(t *testing.T) {
	play(t, func(st *stage) {
		st.mustAsk("prod")
		body := wire.ParseReply([]byte(st.send(`{"v":1,"op":"status"}` + "\n"))).Body
		var got struct {
			Daemon   map[string]any
			Sessions []map[string]any
		}
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatal(err)
		}
		for f := range strings.FieldsSeq("pid version store store_reason started_at clock_skew_s") {
			if _, ok := got.Daemon[f]; !ok {
				t.Errorf("daemon has no %s", f)
			}
		}
		for f := range strings.FieldsSeq("profiles role_arn account_id source state issued_at expires_at renew_at last_used_at uses fetches stored last_error") {
			if _, ok := got.Sessions[0][f]; !ok {
				t.Errorf("session has no %s", f)
			}
		}
		if s := string(body); strings.Contains(s, "ASIA") || strings.Contains(s, "made-up") {
			t.Errorf("status holds a credential: %s", s)
		}
		if at, err := time.Parse(credential.TimeFormat, got.Sessions[0]["expires_at"].(string)); err != nil || at.IsZero() {
			t.Errorf("expires_at: %v", err)
		}
	})
}

func TestStatusOfAThousandSessionsComesInPages(t *testing.T) {
	play(t, func(st *stage) {
		for i := range 1000 {
			name := fmt.Sprintf("profile-%04d", i)
			st.Plan(name, "id-"+name)
			st.mustAsk(name)
		}
		seen := map[string]bool{}
		for pages := 0; ; pages++ {
			line := st.send(string(wire.Request{Op: wire.Status, Skip: len(seen)}.Append(nil)))
			var page status.Report
			if err := json.Unmarshal(wire.ParseReply([]byte(line)).Body, &page); err != nil || len(line) >= wire.MaxLine {
				t.Fatalf("page %d of %d bytes: %v", pages, len(line), err)
			}
			for _, s := range page.Sessions {
				seen[s.Profiles[0]] = true
			}
			if !page.More {
				break
			}
		}
		if len(seen) != 1000 {
			t.Errorf("%d sessions came", len(seen))
		}
	})
}

func TestStoppingAnswersThoseWhoWait(t *testing.T) {
	play(t, func(st *stage) {
		st.Set(func() { st.Delay = time.Hour })
		answer := make(chan string)
		go func() {
			answer <- st.send(`{"v":1,"op":"credentials","profile":"prod","config_file":"/c","credentials_file":"/d"}` + "\n")
		}()
		synctest.Wait()
		go st.broker.Close()
		if e := wire.ParseReply([]byte(<-answer)).Err; e == nil || e.Code != wire.Temporary || !strings.Contains(e.Message, "stopping") {
			t.Errorf("got %+v", e)
		}
	})
}

// What a helper sends is read without the decoder, and nothing else is.
func TestAHelpersRequestIsPlain(t *testing.T) {
	sent := wire.Request{V: 1, Op: wire.Credentials, Profile: "prod.eu", ConfigFile: "/home/a b/.aws/config", CredentialsFile: "/d"}
	line := bytes.TrimSpace(sent.Append(nil))
	if r, ok := new(paths).plain(line); !ok || r != sent {
		t.Errorf("%s: %+v, %v", line, r, ok)
	}
	for _, odd := range []string{
		`{"v":1,"op":"credentials","profile":"a\u0062","config_file":"/c","credentials_file":"/d"}`,
		`{"v":1,"op":"credentials","profile":"ü","config_file":"/c","credentials_file":"/d"}`,
		`{"v":1,"op":"credentials","profile":"x","config_file":"/c","credentials_file":"/d"} `,
		`{"v":1,"op":"credentials","profile":"x","config_file":"/c","credentials_file":"/d","all":true}`,
		`{"v":2,"op":"credentials","profile":"x","config_file":"/c","credentials_file":"/d"}`,
		`{"v":1,"op":"credentials","profile":"x`, ``,
	} {
		if r, ok := new(paths).plain([]byte(odd)); ok {
			t.Errorf("%s was taken for %+v", odd, r)
		}
	}
}

func TestRequestsForTheSameFilesShareTheirPaths(t *testing.T) {
	var p paths
	var got []wire.Request
	for _, file := range []string{"/a", "/a", "/b"} {
		r, ok := p.plain(bytes.TrimSpace(wire.Request{Op: wire.Credentials, Profile: "x", ConfigFile: file, CredentialsFile: "/c"}.Append(nil)))
		if !ok || r.ConfigFile != file || r.CredentialsFile != "/c" {
			t.Fatalf("%+v, %v", r, ok)
		}
		got = append(got, r)
	}
	if unsafe.StringData(got[0].ConfigFile) != unsafe.StringData(got[1].ConfigFile) ||
		unsafe.StringData(got[0].CredentialsFile) != unsafe.StringData(got[2].CredentialsFile) {
		t.Error("the same path is there twice")
	}
}

func FuzzRequest(f *testing.F) {
	for _, s := range []string{
		`{"v":1,"op":"credentials","profile":"x\u0001","config_file":"/c","credentials_file":"/d"}`,
		`{"v":1,"op":"credentials","profile":"x","config_file":"/c","credentials_file":"/d"}`, `{"v":1,"op":"status","skip":3}`,
		`{"v":1,"op":"forget","all":true}`, `{"v":1e0}`, `{"v":1,"v":2}`, "[[[[", `{"v":1,"op":"\ud800"}`,
	} {
		f.Add([]byte(s))
	}
	var p paths
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := p.parseRequest(line)
		if slow, why := decodeRequest(line); slow != r || fmt.Sprint(why) != fmt.Sprint(err) {
			t.Errorf("%+v, %v; the decoder says %+v, %v", r, err, slow, why)
		}
		if err != nil {
			if credential.AsFailure(err).Hint == "" {
				t.Errorf("no hint: %v", err)
			}
			return
		}
		if again, err := p.parseRequest(r.Append(nil)); err != nil || again != r {
			t.Errorf("%+v became %+v, %v", r, again, err)
		}
	})
}
