package understudy_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// exported lists the types that each package of ours exports, but for those that
// hold nothing by themselves: interfaces, functions, generic ones.
func exported(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{if ne .Name "main"}}{{.ImportPath}} {{.Dir}} {{join .GoFiles " "}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	types := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		name, ok := strings.CutPrefix(fields[0], module)
		if !ok || isAside(name) {
			continue
		}
		for _, file := range fields[2:] {
			types[name] = append(types[name], exportedIn(t, filepath.Join(fields[1], file))...)
		}
	}
	return types
}

func exportedIn(t *testing.T, path string) (names []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		types, ok := d.(*ast.GenDecl)
		if !ok || types.Tok != token.TYPE {
			continue
		}
		for _, s := range types.Specs {
			spec := s.(*ast.TypeSpec)
			switch spec.Type.(type) {
			case *ast.InterfaceType, *ast.FuncType:
				continue
			}
			if spec.Name.IsExported() && spec.TypeParams == nil {
				names = append(names, spec.Name.Name)
			}
		}
	}
	return names
}

// findings has a program fill every exported type and print it in every way. The
// program is made here, so that no type is forgotten.
func findings(t *testing.T) (all map[string][]string) {
	t.Helper()
	var imports, calls strings.Builder
	n := 0
	for name, types := range exported(t) {
		if len(types) == 0 {
			continue
		}
		n++
		fmt.Fprintf(&imports, "\tp%d %q\n", n, module+name)
		for _, typ := range types {
			fmt.Fprintf(&calls, "\tfill[p%d.%s](%q)\n", n, typ, name+"."+typ)
		}
	}
	dir := t.TempDir()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	program, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	mapping, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, "internal/canary/filled/main.go"): program}})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{program: fmt.Sprintf(filled, imports.String(), calls.String()), overlay: string(mapping)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("go", "run", "-overlay", overlay, "./internal/canary/filled").Output()
	if exit, ok := err.(*exec.ExitError); ok {
		t.Fatalf("%v\n%s", err, exit.Stderr)
	}
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// filled is the program, but for its imports and its calls.
const filled = `package main

import (
	"encoding/json"
	"os"

	"understudy/internal/canary"
%s)

var all = map[string][]string{}

func fill[T any](name string) { all[name] = canary.Shown[T]("TokenFile") }

func main() {
%s	json.NewEncoder(os.Stdout).Encode(all)
}
`

// A TokenFile is a path.
func TestNoExportedTypeShowsASecret(t *testing.T) {
	all := findings(t)
	for name, shown := range all {
		if len(shown) > 0 {
			t.Errorf("%s shows what it holds: %q", name, shown)
		}
	}
	t.Logf("%d types", len(all))
	for _, name := range []string{"internal/wire.Answer", "internal/credential.Session", "internal/longkeys.Entry", "internal/adopt.Files"} {
		if _, ok := all[name]; !ok {
			t.Errorf("%s is not among the %d that were looked at", name, len(all))
		}
	}
}
