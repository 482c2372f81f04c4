package understudy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layered are the packages whose files build on one another in one direction: who
// reads a file has to know only the files below it.
var layered = []string{"./daemon", "./daemon/session", "./daemon/policy", "./daemon/socket", "./cache"}

// listed is what go list says of a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	DepOnly                 bool
}

func listExports(t *testing.T, packages []string) []listed {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,DepOnly"}, packages...)...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var one listed
		if err := d.Decode(&one); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
}

func TestTheFilesOfTheDaemonBuildOnOneAnother(t *testing.T) {
	all := listExports(t, layered)
	exports := map[string]string{}
	for _, p := range all {
		exports[p.ImportPath] = p.Export
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	for _, p := range all {
		if p.DepOnly {
			continue
		}
		below := references(t, p, importer.ForCompiler(token.NewFileSet(), "gc", open))
		if circle := circleIn(below); circle != nil {
			t.Errorf("%s: the files %s need one another", p.ImportPath, strings.Join(circle, " -> "))
		}
	}
}

// references returns for each file of p the files that have what it names.
func references(t *testing.T, p listed, from types.Importer) map[string][]string {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: from}
	if _, err := config.Check(p.ImportPath, fset, files, info); err != nil {
		t.Fatal(err)
	}
	file := func(pos token.Pos) string { return filepath.Base(fset.Position(pos).Filename) }
	below := map[string][]string{}
	for name, used := range info.Uses {
		if used.Pkg() == nil || used.Pkg().Path() != p.ImportPath {
			continue
		}
		here, there := file(name.Pos()), file(used.Pos())
		if here != there && !slices.Contains(below[here], there) {
			below[here] = append(below[here], there)
		}
	}
	return below
}

// circleIn returns the files of one circle, nil if there is none.
func circleIn(below map[string][]string) []string {
	var circle []string
	done := map[string]bool{}
	var follow func(file string, way []string)
	follow = func(file string, way []string) {
		if at := slices.Index(way, file); at >= 0 {
			circle = append(slices.Clone(way[at:]), file)
		}
		if circle != nil || done[file] {
			return
		}
		for _, next := range below[file] {
			follow(next, append(way[:len(way):len(way)], file))
		}
		done[file] = true
	}
	for file := range below {
		follow(file, nil)
	}
	return circle
}

// longest is how many lines a function may have that is not a test.
const longest = 80

func TestFunctionsAreShort(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		seen++
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				from, to := fset.Position(n.Pos()), fset.Position(n.End())
				if lines := to.Line - from.Line + 1; lines > longest {
					t.Errorf("%s: a function of %d lines; at most %d", from, lines, longest)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || seen < 300 {
		t.Errorf("%d files read, %v", seen, err)
	}
}
