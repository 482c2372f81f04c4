package main

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"understudy/internal/sandbox"
)

// commands are those that scripts have beside testscript's own.
var commands = map[string]func(*testscript.TestScript, bool, []string){
	"exits":   exits,
	"calls":   calls,
	"awaits":  awaits,
	"sts":     sts,
	"keys":    keys,
	"nowhere": nowhere,
}

// exits STATUS PROGRAM [ARG]... runs a program that ends with this status.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		e, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = e.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// calls N: STS was asked for a role's session so many times.
func calls(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := ts.Value(stsKey{}).(*sandbox.Server).Count("AssumeRole"); got != want {
		ts.Fatalf("%d calls of AssumeRole, want %d", got, want)
	}
}

// awaits N: sooner or later STS has been asked so many times.
func awaits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	server := ts.Value(stsKey{}).(*sandbox.Server)
	for end := time.Now().Add(20 * time.Second); server.Count("AssumeRole") < want; {
		if time.Now().After(end) {
			ts.Fatalf("%d calls of AssumeRole after 20 s, want %d", server.Count("AssumeRole"), want)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// sts BEHAVIOUR changes how STS answers.
func sts(ts *testscript.TestScript, _ bool, args []string) {
	behaviours := map[string]sandbox.Behaviour{
		"healthy": {},
		"silent":  {Fault: sandbox.Fault{Silent: true}},
		"denies":  {Fault: sandbox.Fault{Status: 403, Code: "AccessDenied", Message: "not you"}},
		"down":    {Fault: sandbox.Fault{Status: 503}},
		"ahead":   {Skew: 200e9},
		"marks":   {SecretMark: "CANARY"},
	}
	b, ok := behaviours[args[0]]
	if !ok {
		ts.Fatalf("sts: no behaviour %q", args[0])
	}
	ts.Value(stsKey{}).(*sandbox.Server).Set(b)
}

// keys FILE PATH KEY...: the JSON object at the path (dots; 0 for the first of
// a list) has exactly these keys.
func keys(ts *testscript.TestScript, _ bool, args []string) {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	for step := range strings.SplitSeq(strings.Trim(args[1], "."), ".") {
		switch node := v.(type) {
		case map[string]any:
			if step != "" {
				v = node[step]
			}
		case []any:
			i, err := strconv.Atoi(step)
			ts.Check(err)
			if i >= len(node) {
				ts.Fatalf("%s has %d elements", args[1], len(node))
			}
			v = node[i]
		}
	}
	object, ok := v.(map[string]any)
	if !ok {
		ts.Fatalf("%s is %T, not an object", args[1], v)
	}
	got, want := slices.Sorted(maps.Keys(object)), slices.Sorted(slices.Values(args[2:]))
	if !slices.Equal(got, want) {
		ts.Fatalf("%s has the keys\n%v, want\n%v", args[1], got, want)
	}
}

// nowhere TEXT FOLDER: no file below the folder, and none's name, has the text.
// At least one file must be there to look into.
func nowhere(ts *testscript.TestScript, _ bool, args []string) {
	looked := 0
	ts.Check(filepath.WalkDir(ts.MkAbs(args[1]), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		looked++
		b, err := os.ReadFile(path)
		if strings.Contains(path+"\n"+string(b), args[0]) {
			ts.Fatalf("%s holds %q", path, args[0])
		}
		return err
	}))
	if looked == 0 {
		ts.Fatalf("there is no file below %s", args[1])
	}
}
