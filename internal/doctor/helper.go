package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

const reinstall = "install understudy and understudy-credentials of one version into one folder, and name that one in the profile: understudy adopt does"

// found is the helper that the command line names, as a file.
func (f *Facts) found(p profile) (string, error) {
	path := p.program
	if filepath.IsAbs(path) {
		return path, nil
	}
	if strings.ContainsAny(path, `/\~$`) {
		return "", errors.ErrUnsupported // commandLine has told
	}
	return f.LookPath(path)
}

func helperMissing(f *Facts, p profile, r *report) {
	if !p.adopted() {
		return
	}
	path, err := f.found(p)
	if errors.Is(err, errors.ErrUnsupported) {
		return
	}
	if err != nil {
		r.at(p.helper, Error, "the helper "+p.program+" is not on PATH", "no SDK can run it", write(reinstall))
		return
	}
	switch st, err := f.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		r.at(p.helper, Error, "there is no helper at "+path, "no SDK can run it", write(reinstall))
	case err != nil:
		r.at(p.helper, Error, "the helper at "+path+" cannot be looked at", err.Error(), write(reinstall))
	case !st.Mode.IsRegular():
		r.at(p.helper, Error, path+" is no program", "no SDK can run it", write(reinstall))
	case !st.runs():
		r.at(p.helper, Error, path+" may not be executed", "no SDK can run it", run("chmod", "755", path))
	case st.shared():
		r.at(p.helper, Warning, path+" can be replaced by others", "every program that uses the profile runs it as you", write("make it yours or root's, and writable by nobody else"))
	}
}

func helperVersion(f *Facts, p profile, r *report) {
	if !p.adopted() || f.HelperVersion == nil || !strings.HasPrefix(filepath.Base(p.program), "understudy-credentials") {
		return
	}
	path, err := f.found(p)
	if err != nil {
		return
	}
	if st, err := f.Stat(path); err != nil || !st.runs() || st.shared() {
		return // helperMissing has told
	}
	switch version, err := f.HelperVersion(path); {
	case err != nil:
		r.at(p.helper, Error, "the helper at "+path+" does not say its version", err.Error(), write(reinstall))
	case version != f.Version:
		r.at(p.helper, Warning, fmt.Sprintf("the helper at %s is version %s, and this is %s", path, version, f.Version), "the two may not understand each other", write(reinstall))
	}
}
