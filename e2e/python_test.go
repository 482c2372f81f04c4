//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// interpreter is a Python that has boto3, moto and the AWS CLI.
type interpreter struct {
	path     string
	userBase string // where pip install --user puts things; HOME no longer says
}

// findPython asks each candidate for its real name, since one on PATH may be a
// launcher that needs the person's HOME.
var findPython = sync.OnceValue(func() interpreter {
	const ask = `import sys, site, boto3, moto.server, awscli; print(sys.executable); print(site.getuserbase())`
	for _, candidate := range []string{"python3", filepath.Join("..", ".venv", "bin", "python3")} {
		out, err := exec.Command(candidate, "-c", ask).Output()
		if lines := strings.Fields(string(out)); err == nil && len(lines) == 2 {
			path, err := filepath.Abs(lines[0])
			if err == nil {
				return interpreter{path, lines[1]}
			}
		}
	}
	return interpreter{}
})

// python returns the interpreter's path and gives the world what it needs.
func (w *world) python() string {
	w.t.Helper()
	p := needPython(w.t)
	w.Vars["PYTHONUSERBASE"] = p.userBase
	return p.path
}

func needPython(t *testing.T) interpreter {
	t.Helper()
	p := findPython()
	if p.path == "" {
		skip(t, "no moto, boto3 and awscli (Debian: python3-venv, then make setup)")
	}
	return p
}

// client is the path of a client program below clients.
func client(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("clients", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}
